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
  #program;
  #shown = new Map(); // by id
  #waiters = new Waiters();

  static async start() {
    const desktop = new Desktop();
    // The bus ends with the program, and that with its input: also when these tests are killed.
    desktop.#program = spawn('dbus-run-session', ['--', PROGRAM], { stdio: ['pipe', 'pipe', 'ignore'] });
    const lines = createInterface({ input: desktop.#program.stdout });
    const [ready] = await within(once(lines, 'line'), 'a desktop').catch((error) => {
      desktop.#program.kill();
      throw error;
    });
    desktop.environment = JSON.parse(ready).environment;
    lines.on('line', (line) => desktop.#take(JSON.parse(line)));
    return desktop;
  }

  async stop() {
    this.#program.stdin.end();
    await within(once(this.#program, 'exit'), 'the end of the desktop');
  }

  // The notification with this title, once it is on the screen: { title, body, actions }, the last by what is clicked.
  notification(title) {
    return this.#waiters.until(() => this.#find(title), `a notification ${JSON.stringify(title)}`);
  }

  // Clicks on it, or on the button with this text; resolves once it is off the screen.
  async click(title, button) {
    const { id, actions } = await this.notification(title);
    const action = button === undefined ? 'default' : Object.keys(actions).find((key) => actions[key] === button);
    if (action === undefined) throw new Error(`There is no ${button} among ${JSON.stringify(actions)}`);
    this.#program.stdin.write(`${JSON.stringify({ id, action })}\n`);
    await this.#waiters.until(() => (this.#shown.has(id) ? undefined : true), 'the end of what was clicked');
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
