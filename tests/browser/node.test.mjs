// The client for Node, with a WebSocket of its own.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Pipit } from '../../clients/js/dist/node.mjs';
import { deadlineMs } from '../integration/support/deadline.mjs';
import { closed, joined, message, privately, reconnect, recovered, success } from './suites/events.mjs';
import { Server } from './support/server.mjs';

// The close code of a client that drops its connection to open another: to the server it is lost, not left.
const COMING_BACK = 4007;

// One client that remembers what it was told.
class Person {
  user = crypto.randomUUID();
  told = [];
  #watchers = new Set();

  constructor(server) {
    this.pipit = new Pipit({ url: server.origin, ca: server.tls?.certificate, getToken: () => server.sign(this.user) });
  }

  async connect() {
    this.socket = await this.pipit.connectRealtime(({ offset: _offset, ...event }) => {
      this.told.push(event);
      for (const look of this.#watchers) look();
    });
    this.cid = this.pipit.user.cid;
  }

  heard(wanted) {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`${wanted} was not among ${JSON.stringify(this.told)}`));
      const timer = setTimeout(fail, deadlineMs);
      const look = () => {
        if (!this.told.some(({ type, message }) => type === wanted || message === wanted)) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}

for (const scheme of ['ws', 'wss']) {
  describe(`node, ${scheme}`, () => {
    let server;
    before(async () => (server = await Server.start(scheme, { 'presence.grace_ms': 60_000 })));
    after(() => server?.stop());

    async function meet() {
      const [ann, ben] = [new Person(server), new Person(server)];
      for (const person of [ann, ben]) {
        await person.connect();
        await person.pipit.joinRealtime({ group: 'tea room 🫖' });
      }
      await ann.heard('notice');
      return [ann, ben];
    }

    if (scheme === 'wss') {
      test('a certificate that is not trusted is refused', async () => {
        const { pipit } = new Person({ origin: server.origin, sign: server.sign });
        await assert.rejects(() => pipit.connectRealtime(() => {}), { code: 'ERROR', message: 'Skapi: WebSocket connection error.' });
        await pipit.closeRealtime();
      });
    }

    test('two users meet, talk and part', async () => {
      const [ann, ben] = await meet();
      const long = 'x'.repeat(60_000);
      await ann.pipit.postRealtime({ text: 'hello' }, 'tea room 🫖');
      await ben.pipit.postRealtime(long, ann.user);
      await Promise.all([ann.heard(long), ben.heard('message')]);
      await ben.pipit.closeRealtime();
      await ann.heard(`User "${ben.user}" has left the message group.`);
      await ann.pipit.closeRealtime();
      const said = message(ann, 'tea room 🫖', { text: 'hello' });
      assert.deepEqual(ann.told.slice(0, 4), [success, joined(ben, 'tea room 🫖'), said, privately(ben, long)]);
      assert.deepEqual(ann.told.at(-1), closed);
      assert.deepEqual(ben.told, [success, said, closed]);
    });

    test('a line that is lost comes back, and nobody has noticed', async () => {
      const [ann, ben] = await meet();
      ann.told.length = ben.told.length = 0;
      ann.socket.close(COMING_BACK);
      await ann.heard('success');
      await ben.pipit.postRealtime('welcome back', 'tea room 🫖');
      await Promise.all([ann.heard('welcome back'), ben.heard('welcome back')]);
      const welcome = message(ben, 'tea room 🫖', 'welcome back');
      assert.equal(ann.pipit.user.cid, ann.cid);
      assert.deepEqual(ann.told, [reconnect(1), recovered(0), welcome]);
      assert.deepEqual(ben.told, [welcome]);
      await Promise.all([ann, ben].map(({ pipit }) => pipit.closeRealtime()));
    });

    test('a server that was killed and restarted finds everybody in their group', async () => {
      const [ann, ben] = await meet();
      ann.told.length = ben.told.length = 0;
      await server.kill();
      await server.start();
      await Promise.all([ann.heard('success'), ben.heard('success')]);
      await ann.pipit.postRealtime('on we go', 'tea room 🫖');
      await Promise.all([ann.heard('on we go'), ben.heard('on we go')]);
      await Promise.all([ann, ben].map(({ pipit }) => pipit.closeRealtime()));
    });

    test('groups and members are listed without a connection, and watched over one', async () => {
      const [ann, ben] = await meet();
      const eve = new Person(server);
      const found = await eve.pipit.getRealtimeGroups({ searchFor: 'group', value: 'tea', condition: '>=' });
      const { list: members } = await eve.pipit.getRealtimeUsers({ group: 'tea room 🫖' });
      const changes = [];
      const gone = new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(JSON.stringify(changes))), deadlineMs);
        const watching = eve.connect().then(() =>
          eve.pipit.watchRealtimeGroups(null, (change) => {
            if (changes.push(change) === 1) ben.pipit.joinRealtime({ group: null }).catch(reject);
            if (change.list[0]?.number_of_users === 1) resolve(clearTimeout(timer));
          }),
        );
        watching.catch(reject);
      });
      await gone;
      await Promise.all([ann, ben, eve].map(({ pipit }) => pipit.closeRealtime()));
      const row = (number) => ({ group: 'tea room 🫖', number_of_users: number });
      assert.deepEqual(found.list, [row(2)]);
      assert.deepEqual(new Set(members.map(({ cid }) => cid)), new Set([ann.cid, ben.cid]));
      assert.deepEqual(changes.map(({ list }) => list), [[row(2)], [row(1)]]);
    });
  });
}
