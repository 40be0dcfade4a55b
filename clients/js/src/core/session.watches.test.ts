import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../testing/random.js';
import { Harness } from './session.harness.js';

const NEVER = 'INVALID_REQUEST No realtime connection. Execute connectRealtime() before this method.';
const NOT_OPEN = 'INVALID_REQUEST Realtime connection is not open. Try reconnecting with connectRealtime().';

const row = (group: string, number_of_users = 1) => ({ group, number_of_users });
const [tea, den, chess] = [row('tea'), row('den'), row('chess')];
const change = (version: number, gone: string[], put: [number, object][], endOfList = true, watch = 'W') => ({
  ev: 'watch',
  watch,
  version,
  gone,
  put,
  endOfList,
});

const watch = (ticket: string, params: object | null = null, options: object | null = null) => (h: Harness) =>
  h.watch('groups', params, options, ticket);
const watchUsers = (ticket: string, params: object | null = null) => (h: Harness) => h.watch('users', params, null, ticket);
const ops = (harness: Harness) => harness.sent().map(({ op }) => op);
/** The names that each caller was shown, with what became of them: `a: tea den +den`. */
const shown = (harness: Harness) =>
  harness.shown().map(([ticket, { list, added, removed, changed, error }]) => {
    const names = (rows: object[], sign = '') => rows.map((item) => ` ${sign}${(item as { group: string }).group}`).join('');
    return `${ticket}:${names(list)}${names(added, '+')}${names(removed, '-')}${names(changed, '~')}${error ? ` !${error.reason}` : ''}`;
  });

/** Brings a lost connection back. */
const back = (harness: Harness) => harness.lose().ring('retry').signIn();

test('a watch without a connection is refused, whatever its arguments', () => {
  const harness = new Harness().watch('groups', 5, 5, 'a');
  assert.deepEqual(harness.settled(), [`a: ${NEVER}`]);
  harness.open().lose(4500);
  harness.take();
  watch('b')(harness);
  assert.deepEqual(harness.settled(), [`b: ${NOT_OPEN}`]);
});

test('wrong arguments of a watch are refused before anything is sent', () => {
  const harness = new Harness().open();
  watch('a', { group: 'tea' })(harness);
  watch('b', null, { limit: NaN })(harness);
  watch('c', { value: 'x'.repeat(1_000) })(harness);
  watchUsers('d')(harness);
  assert.match(
    harness.settled().join('\n'),
    /^a: INVALID_PARAMETER "group" is no .*\nb: .*"limit" must .*\nc: .*"params" is too long: .* at most 1000 .*\nd: INVALID_REQUEST No group is joined/,
  );
  assert.deepEqual(harness.sent(), []);
});

test('a watch that the server refuses is refused, and forgotten', () => {
  const harness = new Harness().open();
  watch('a')(harness);
  harness.error('watch', 'too_many_watches', false);
  watch('b')(harness);
  harness.error('watch', 'unavailable', true);
  assert.deepEqual(harness.settled(), ['a: ERROR No: too_many_watches.', 'b: ERROR No: unavailable.']);
  harness.take();
  back(harness);
  assert.deepEqual(ops(harness), ['connect']);
});

for (const ok of [{}, { watch: 'W', version: 1, list: 5 }, { watch: 'W', version: 1, list: [tea, tea] }, { watch: 5, version: 1, list: [] }, { watch: 'W', list: [] }]) {
  test(`an answer that is no list is refused: ${JSON.stringify(ok)}`, () => {
    const harness = new Harness().open();
    watch('a')(harness);
    harness.ok('watch', ok);
    assert.deepEqual(harness.settled(), ['a: ERROR The server gave an answer that is no list.']);
  });
}

test('the question is asked as given, and that of users is about the group joined now', () => {
  const harness = new Harness().openIn('tea');
  watch('a', { value: 't', searchFor: 'group', condition: '>=' }, { ascending: false, limit: 10 })(harness);
  harness.do((session) => session.join({ group: 'den' }, 'joining'));
  watchUsers('b')(harness);
  const [first, , second] = harness.sent().map(({ id: _id, ...members }) => members);
  assert.deepEqual(first, { op: 'watch', list: 'groups', searchFor: 'group', value: 't', condition: '>=', limit: 10, ascending: false });
  assert.deepEqual(second, { op: 'watch', list: 'users', group: 'den' });
});

test('the first call has all rows as added and comes before the watch resolves', () => {
  const harness = new Harness().open();
  watch('a')(harness);
  harness.take();
  harness.ok('watch', { watch: 'W', version: 7, list: [tea, den], endOfList: false });
  assert.deepEqual(harness.shown(), [['a', { list: [tea, den], added: [tea, den], removed: [], changed: [], endOfList: false }]]);
  assert.deepEqual(harness.take().map((effect) => effect.do), ['show', 'resolve']);
});

test('an empty list is shown too', () => {
  const harness = new Harness().open();
  watch('a')(harness);
  harness.ok('watch', { watch: 'W', version: 1, list: [], endOfList: true });
  assert.deepEqual(shown(harness), ['a:']);
});

test('each event is one call with what is different', () => {
  const harness = new Harness().open().watching('W', [tea, den]);
  harness.receive(change(2, ['tea'], [[0, row('den', 2)], [1, chess]]), change(3, [], [], false));
  assert.deepEqual(shown(harness), ['watcher: den chess +chess -tea ~den', 'watcher: den chess']);
  assert.deepEqual(harness.shown().map(([, { endOfList }]) => endOfList), [true, false]);
});

test('a callback may change its rows without harm to the next call or to another callback', () => {
  const harness = new Harness().open().watching('W', [tea]);
  watch('b')(harness);
  for (const [, { list, added }] of harness.shown()) {
    (list[0] as { group: string }).group = 'spoilt';
    (added[0] as { group: string }).group = 'spoilt';
    list.length = 0;
  }
  harness.take();
  harness.receive(change(2, [], [[1, den]]));
  assert.deepEqual(shown(harness), ['watcher: tea den +den', 'b: tea den +den']);
});

test('events of unknown watches and old ones are ignored', () => {
  const harness = new Harness().open().watching('W', [tea]);
  harness.receive(change(2, ['tea'], [], true, 'V'), change(1, ['tea'], []), { ev: 'unwatched', watch: 'V' });
  assert.deepEqual(harness.take(), []);
});

for (const [name, event] of [
  ['leaves one out', change(3, [], [[0, den]])],
  ['does not fit', change(2, ['chess'], [])],
  ['is broken', { ev: 'watch', watch: 'W', version: 2 }],
  ['has no version', { ev: 'watch', watch: 'W', gone: [], put: [] }],
] as const) {
  test(`an event that ${name} has the list asked for again, and what came between is told once`, () => {
    const harness = new Harness().open().watching('W', [tea]).receive(event, change(4, ['tea'], []));
    assert.deepEqual(ops(harness), ['watch']);
    harness.ok('watch', { watch: 'W', version: 5, list: [den], endOfList: true });
    assert.deepEqual(shown(harness), ['watcher: den +den -tea']);
    harness.take();
    harness.receive(change(6, [], [[1, chess]]));
    assert.deepEqual(shown(harness), ['watcher: den chess +chess']);
  });
}

test('the same question is asked once, and a later callback is shown the list at once', () => {
  const harness = new Harness().open();
  watch('a', { value: 't', searchFor: 'group' })(harness);
  watch('b', { searchFor: 'group', value: 't' }, { ascending: true })(harness);
  assert.deepEqual(ops(harness), ['watch']);
  harness.ok('watch', { watch: 'W', version: 1, list: [tea], endOfList: true });
  harness.take();
  watch('c', { searchFor: 'group', value: 't' })(harness);
  assert.deepEqual(shown(harness), ['c: tea +tea']);
  assert.deepEqual(ops(harness), []);
  harness.receive(change(2, [], [[0, den]]));
  assert.deepEqual(shown(harness).slice(1), ['a: den tea +den', 'b: den tea +den', 'c: den tea +den']);
});

test('the watch of the server ends with its last callback', () => {
  const harness = new Harness().open().watching('W', [tea]);
  watch('b')(harness);
  harness.take();
  harness.do((session) => session.unwatch('watcher'));
  assert.deepEqual(harness.sent(), []);
  harness.receive(change(2, [], [[0, den]]));
  assert.deepEqual(shown(harness), ['b: den tea +den']);
  harness.do((session) => session.unwatch('b')).do((session) => session.unwatch('b'));
  assert.deepEqual(harness.sent().map(({ op, watch: ended }) => [op, ended]), [['unwatch', 'W']]);
  harness.take();
  harness.ok('unwatch').receive(change(3, [], [[0, chess]]));
  assert.deepEqual(harness.take(), []);
});

/** `a` and `b` are shown a list each, W and V; then that of `b` is asked for again, and the server is silent about it. */
function reasking() {
  const harness = new Harness().open();
  for (const [ticket, id] of [['a', 'W'], ['b', 'V']] as const) {
    watch(ticket, { value: ticket, searchFor: 'group' })(harness);
    harness.ok('watch', { watch: id, version: 1, list: [tea], endOfList: true });
  }
  harness.take();
  const [{ id }] = harness.receive({ ev: 'unwatched', watch: 'V' }).sent() as [{ id: number }];
  harness.take();
  return { harness, id };
}

test('a watch ends at once, whatever else is asked, so that there is room for another one', () => {
  const { harness } = reasking();
  harness.do((session) => session.unwatch('a'));
  watch('c')(harness);
  assert.deepEqual(harness.sent().map(({ op, watch: ended }) => [op, ended]), [['unwatch', 'W'], ['watch', undefined]]);
  harness.ok('watch', { watch: 'U', version: 1, list: [den], endOfList: true });
  assert.deepEqual(shown(harness), ['c: den +den']);
});

test('a watch that is refused because one is still to end is asked for again, until that has', () => {
  const { harness, id } = reasking();
  harness.do((session) => session.unwatch('b'));
  assert.deepEqual(harness.sent(), []);
  watch('c')(harness);
  harness.error('watch', 'too_many_watches', false).ring('watch').error('watch', 'too_many_watches', false);
  assert.deepEqual(harness.settled(), []);
  harness.receive({ id, ok: { watch: 'V', version: 1, list: [tea], endOfList: true } }).ring('watch');
  assert.deepEqual(ops(harness), ['watch', 'watch', 'unwatch', 'watch']);
  harness.error('watch', 'too_many_watches', false);
  assert.deepEqual(harness.settled(), ['c: ERROR No: too_many_watches.']);
});

test('an answer that names a watch which was ended after the question may be of no use, and is asked for again', () => {
  const harness = new Harness().open().watching('W', [tea]);
  watch('b', null, { limit: 50 })(harness);
  harness.do((session) => session.unwatch('watcher'));
  assert.deepEqual(ops(harness), ['watch', 'unwatch']);
  harness.take();
  harness.ok('watch', { watch: 'W', version: 4, list: [den], endOfList: true });
  assert.deepEqual([ops(harness), shown(harness)], [['watch'], []]);
  harness.ok('watch', { watch: 'W', version: 5, list: [den], endOfList: true }).receive(change(6, [], [[1, chess]]));
  assert.deepEqual(shown(harness), ['b: den +den', 'b: den chess +chess']);
});

test('two questions that mean the same to the server are one watch, which ends with the last of both', () => {
  const harness = new Harness().open().watching('W', [tea]);
  watch('b', null, { limit: 50 })(harness);
  harness.ok('watch', { watch: 'W', version: 4, list: [den], endOfList: true });
  assert.deepEqual(shown(harness).sort(), ['b: den +den', 'watcher: den +den -tea']);
  harness.do((session) => session.unwatch('watcher'));
  assert.deepEqual(ops(harness), ['watch']);
  harness.take();
  watch('c')(harness);
  harness.ok('watch', { watch: 'W', version: 5, list: [den, chess], endOfList: true });
  assert.deepEqual(shown(harness), ['c: den chess +den +chess', 'b: den chess +chess']);
  harness.do((session) => session.unwatch('c'));
  assert.deepEqual(ops(harness), ['watch']);
  harness.take();
  harness.do((session) => session.unwatch('b'));
  assert.deepEqual(ops(harness), ['unwatch']);
});

test('after a reconnect the list is asked for again, and only a difference is told', () => {
  const harness = new Harness().open().watching('W', [tea, den]);
  back(harness);
  assert.deepEqual(ops(harness), ['connect', 'watch']);
  harness.ok('watch', { watch: 'V', version: 1, list: [tea, den], endOfList: true });
  assert.deepEqual(shown(harness), []);
  harness.receive(change(2, ['tea'], [], true, 'V'));
  assert.deepEqual(shown(harness), ['watcher: den -tea']);
  harness.take();
  back(harness).ok('watch', { watch: 'U', version: 1, list: [row('den', 3)], endOfList: true });
  assert.deepEqual(shown(harness), ['watcher: den ~den']);
});

test('a watch made while the connection comes back is asked when it is there', () => {
  const harness = new Harness().open().lose();
  watch('a')(harness);
  watch('b', { searchFor: 'group' })(harness);
  harness.do((session) => session.unwatch('b')).ring('retry').signIn();
  assert.deepEqual(ops(harness), ['connect', 'watch']);
});

test('a watch whose answer is lost is asked again', () => {
  const harness = new Harness().open();
  watch('a')(harness);
  back(harness).ok('watch', { watch: 'W', version: 1, list: [tea], endOfList: true });
  assert.deepEqual(shown(harness), ['a: tea +tea']);
  assert.deepEqual(harness.settled().filter((text) => text.startsWith('a')).length, 1);
});

test('a watch that has ended on the server is asked for again; refused, the callback is told and it is over', () => {
  const harness = new Harness().open().watching('W', [tea]).receive({ ev: 'unwatched', watch: 'W' });
  assert.deepEqual(ops(harness), ['watch']);
  harness.error('watch', 'not_permitted', false);
  assert.deepEqual(shown(harness), ['watcher: tea !not_permitted']);
  harness.take();
  back(harness);
  assert.deepEqual(ops(harness), ['connect']);
});

test('a list that cannot be had at the moment is asked for again later', () => {
  const harness = new Harness().open().watching('W', [tea]).receive({ ev: 'unwatched', watch: 'W' });
  watch('late')(harness);
  harness.error('watch', 'unavailable', true);
  assert.deepEqual(harness.settled(), ['late: ERROR No: unavailable.']);
  assert.equal(harness.armed.get('watch'), 1_000);
  harness.take();
  harness.ring('watch').ok('watch', { watch: 'V', version: 1, list: [den], endOfList: true });
  assert.deepEqual(shown(harness), ['watcher: den +den -tea']);
});

test('closing ends all watches without a word, and refuses those that wait', () => {
  const harness = new Harness().open().watching('W', [tea]);
  watch('b', { searchFor: 'group' })(harness);
  harness.take();
  harness.do((session) => session.close());
  assert.deepEqual(harness.shown(), []);
  assert.deepEqual(harness.settled(), [`b: ${NOT_OPEN}`]);
  harness.take();
  harness.do((session) => session.connect('again')).signIn();
  assert.deepEqual(ops(harness), ['connect']);
});

test('a connection that does not come back is told to the callbacks', () => {
  const harness = new Harness().open().watching('W', [tea]).lose(4503);
  assert.deepEqual(shown(harness), ['watcher: tea !not_open']);
});

/** A server with two lists, and what it has said that the client has not heard yet. */
class ModelServer {
  readonly lists = new Map(['a', 'b'].map((name) => [name, { version: 1, rows: [] as ReturnType<typeof row>[], live: false }]));
  readonly unheard: object[] = [];

  answer({ id, op, value, watch: ended }: ReturnType<Harness['sent']>[number]) {
    if (op === 'unwatch') this.lists.get(ended as string)!.live = false;
    if (op !== 'watch') return;
    const list = this.lists.get(value as string)!;
    list.live = true;
    this.unheard.push({ id, ok: { watch: value, version: list.version, list: [...list.rows], endOfList: true } });
  }

  /** One row comes, goes, moves or changes. */
  change(name: string, random: Random) {
    const list = this.lists.get(name)!;
    const group = random.pick(['tea', 'den', 'chess']);
    const rest = list.rows.filter((item) => item.group !== group);
    const put = random.below(2) === 0 ? [] : [[random.below(rest.length + 1), row(group, random.below(9))] as const];
    const gone = put.length === 0 && rest.length < list.rows.length ? [group] : [];
    list.rows = rest;
    for (const [index, item] of put) rest.splice(index, 0, item);
    list.version += 1;
    if (list.live) this.unheard.push({ ev: 'watch', watch: name, version: list.version, gone, put, endOfList: true });
  }

  endWatch(name: string) {
    const list = this.lists.get(name)!;
    if (list.live) this.unheard.push({ ev: 'unwatched', watch: name });
    list.live = false;
  }

  loseConnection() {
    for (const list of this.lists.values()) list.live = false;
    this.unheard.length = 0;
  }
}

test('500 random conversations end with callbacks that have what the server has, and no watch left', () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const random = new Random(seed);
    const harness = new Harness().open();
    const server = new ModelServer();
    /** What each caller was shown last. */
    const views = new Map<string, object[] | undefined>();
    const settle = () => {
      for (const command of harness.sent()) server.answer(command);
      for (const [ticket, { list }] of harness.shown()) views.set(ticket, list);
      harness.take();
    };
    const hear = () => {
      const said = server.unheard.shift();
      if (said !== undefined) harness.receive(said);
    };
    for (let step = 0; step < 60; step += 1) {
      const name = random.pick(['a', 'b']);
      const ticket = `${name}${random.below(3)}`;
      const deed = random.below(12);
      if (deed < 3) {
        // To the server the same question in two wordings.
        const options = random.pick([null, { limit: 50 }]);
        if (!views.has(ticket)) harness.watch('groups', { value: name }, options, ticket);
        views.set(ticket, views.get(ticket));
      } else if (deed < 5) {
        harness.do((session) => session.unwatch(ticket));
        views.delete(ticket);
      } else if (deed < 8) server.change(name, random);
      else if (deed === 8 && random.below(3) === 0) server.endWatch(name);
      else if (deed === 9 && random.below(4) === 0) {
        server.loseConnection();
        back(harness);
      } else hear();
      settle();
    }
    while (server.unheard.length > 0) {
      hear();
      settle();
    }
    for (const [ticket, list] of views) assert.deepEqual(list, server.lists.get(ticket[0]!)!.rows, `seed ${seed}: ${ticket}`);
    for (const ticket of views.keys()) harness.do((session) => session.unwatch(ticket));
    settle();
    for (const { live } of server.lists.values()) assert.equal(live, false, `seed ${seed}`);
  }
});
