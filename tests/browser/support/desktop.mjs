// A desktop on which Chromium shows its notifications, on a D-Bus of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Waiters, within } from '../../integration/support/deadline.mjs';

const PROGRAM = fileURLToPath(new URL('desktop.py', import.meta.url));

export class Desktop {
  // What a browser must have in its environment.
  environment;
  #bus;
  #program;
  #shown = new Map(); // by id
  #waiters = new Waiters();

  static async start() {
    const desktop = new Desktop();
    desktop.#bus = spawn('dbus-daemon', ['--session', '--nofork', '--nopidfile', '--print-address=1'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [address] = await within(once(createInterface({ input: desktop.#bus.stdout }), 'line'), 'the address of a D-Bus');
    desktop.environment = { DBUS_SESSION_BUS_ADDRESS: address };
    desktop.#program = spawn(PROGRAM, { env: { ...process.env, ...desktop.environment }, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: desktop.#program.stdout });
    await within(once(lines, 'line'), 'a desktop');
    lines.on('line', (line) => desktop.#take(JSON.parse(line)));
    process.once('exit', desktop.stop);
    return desktop;
  }

  stop = () => {
    process.off('exit', this.stop);
    this.#program.kill();
    this.#bus.kill();
  };

  // The notification with this title, once it is on the screen: { title, body, actions }, the last by what is clicked.
  notification(title) {
    return this.#waiters.until(() => this.#find(title), `a notification ${JSON.stringify(title)}`);
  }

  // Clicks on it, or on the button with this text.
  async click(title, button) {
    const { id, actions } = await this.notification(title);
    const action = button === undefined ? 'default' : Object.keys(actions).find((key) => actions[key] === button);
    if (action === undefined) throw new Error(`There is no ${button} among ${JSON.stringify(actions)}`);
    this.#program.stdin.write(`${JSON.stringify({ id, action })}\n`);
  }

  #find(title) {
    return [...this.#shown.values()].find((one) => one.title === title);
  }

  #take({ event, id, ...notification }) {
    if (event === 'shown') this.#shown.set(id, { id, ...notification });
    else this.#shown.delete(id);
    this.#waiters.changed();
  }
}
