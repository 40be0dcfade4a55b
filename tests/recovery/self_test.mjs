// The checker, checked: what it has to find, and what it must not. Needs no server.
//
//   node --test tests/recovery/self_test.mjs
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { planFaults } from './faults.mjs';
import { Line } from './line.mjs';
import { Order, messageEntry, noticeEntry } from './order.mjs';
import { tamperings } from './tamper.mjs';
import { judge } from './verdict.mjs';
import { Wire } from './wire.mjs';

const user = '0a0e5c11-6d1c-4d6b-8f5e-0f0a6a3f2b01';
const kept = '#kept 0';
const memory = '#memory 0';

// A run in which all went well: a client in a durable group whose server dies, then in one in memory whose window it exceeds
// and whose server dies.
function goodRecord() {
  const order = new Order();
  const posts = new Map();
  const sent = (stream, epoch, generation, first, entries) => {
    order.begin(stream, epoch, generation);
    entries.forEach((entry, index) => {
      order.put(stream, epoch, first + index, entry);
      if (entry.includes(' ')) return;
      const place = { stream, epoch, offset: first + index };
      posts.set(entry, { stream, state: 'resolved', reason: null, answers: [{ place, generation, sentAtMs: 0 }] });
    });
  };
  const event = (stream, offset, entry) => ({ what: 'event', stream, entry, offset });
  const events = (stream, first, entries) => entries.map((entry, index) => event(stream, first + index, entry));
  const messages = (prefix, count) => Array.from({ length: count }, (_, index) => messageEntry(`${prefix}.${index + 1}`));

  const own = noticeEntry('USER_DISCONNECTED', 'cid:own1');
  const other = noticeEntry('USER_JOINED', 'cid:other');
  const keptEntries = [...messages('a', 4), own, other, ...messages('b', 4)];
  sent(kept, 'K', 1, 1, keptEntries);
  const ofFirst = messages('m', 20);
  sent(memory, 'M1', 2, 1, ofFirst);
  const ofSecond = messages('n', 6);
  sent(memory, 'M2', 3, 1, ofSecond);
  sent(`@${user}`, 'U1', 1, 1, messages('p', 2));
  order.begin(`@${user}`, 'U2', 2);
  order.begin(`@${user}`, 'U3', 3);

  const place = (group, epoch, offset, generation, news) => ({ what: 'place', group, epoch, offset, generation, ...news });
  const since = (epoch, offset) => ({ epoch, offset });
  const stream = (epoch, before) => ({
    epoch,
    offset: 0,
    ...(before && { recovered: false, reason: 'epoch', since: before }),
  });
  const chronicle = [
    { what: 'connect' },
    { what: 'welcome', cid: 'cid:own1', generation: 1, ...stream('U1') },
    { what: 'success' },
    { what: 'join', group: 'kept 0' },
    place('kept 0', 'K', 0, 1),
    ...events(kept, 1, keptEntries.slice(0, 3)),
    ...events(`@${user}`, 1, messages('p', 2)),
    { what: 'reconnect' },
    { what: 'welcome', cid: 'cid:own2', generation: 2, ...stream('U2', { epoch: 'U1', offset: 2 }) },
    { what: 'gap', stream: `@${user}`, reason: 'epoch' },
    place('kept 0', 'K', 3, 2, { recovered: true, replayed: 4, since: since('K', 3) }),
    ...events(kept, 4, keptEntries.slice(3, 4)),
    ...events(kept, 6, keptEntries.slice(5, 7)),
    { what: 'success', recovered: false, recovered_messages: 2 },
    ...events(kept, 8, keptEntries.slice(7)),
    { what: 'join', group: 'memory 0' },
    place('memory 0', 'M1', 0, 2),
    ...events(memory, 1, ofFirst.slice(0, 4)),
    { what: 'reconnect' },
    place('memory 0', 'M1', 16, 2, { recovered: false, reason: 'window', missed: 12, since: since('M1', 4) }),
    { what: 'gap', stream: memory, reason: 'window', missed: 12 },
    { what: 'success', recovered: false, recovered_messages: 0 },
    ...events(memory, 17, ofFirst.slice(16, 18)),
    { what: 'reconnect' },
    { what: 'welcome', cid: 'cid:own3', generation: 3, ...stream('U3', { epoch: 'U2', offset: 0 }) },
    place('memory 0', 'M2', 2, 3, { recovered: false, reason: 'epoch', since: since('M1', 18) }),
    { what: 'gap', stream: `@${user}`, reason: 'epoch' },
    { what: 'gap', stream: memory, reason: 'epoch' },
    { what: 'success', recovered: false, recovered_messages: 0 },
    ...events(memory, 3, ofSecond.slice(2)),
  ];
  return {
    order,
    posts,
    findings: [],
    clients: [{ name: 'c0', user, chronicle }],
    arrivals: new Map([[user, [{ generation: 1, atMs: 0 }]]]),
    generations: 3,
    isDurable: (name) => name.startsWith('#kept'),
    windowOf: () => 10,
  };
}

const kindsIn = (record) => [...new Set(judge(record).findings.map(({ kind }) => kind))];

test('a run in which all went well has no findings', () => {
  assert.deepEqual(judge(goodRecord()).findings, []);
});

for (const { name, kinds, tamper } of tamperings) {
  test(`finds ${name}`, () => {
    const record = goodRecord();
    const undo = tamper(record);
    assert.ok(undo, 'nothing to falsify');
    const found = kindsIn(record);
    assert.ok(kinds.some((kind) => found.includes(kind)), `found: ${found}`);
    undo();
    assert.deepEqual(kindsIn(record), []);
  });
}

// Changes steps of the chronicle that are like `old`.
function change(record, old, by) {
  const { chronicle } = record.clients[0];
  const index = chronicle.findIndex((step) => Object.entries(old).every(([key, value]) => step[key] === value));
  assert.ok(index >= 0);
  chronicle[index] = { ...chronicle[index], ...by };
  return record;
}

for (const [what, kind, old, by] of [
  ['a window that was not exceeded', 'gap', { reason: 'window', what: 'place' }, { since: { epoch: 'M1', offset: 10 }, missed: 6 }],
  ['a wrong number of missed events', 'gap', { reason: 'window', what: 'gap' }, { missed: 11 }],
  ['a new epoch of a server that lives', 'gap', { reason: 'epoch', epoch: 'M2' }, { generation: 2 }],
  ['a position ahead of what was shown, covered by a gap', 'lost', { reason: 'epoch', epoch: 'M2' }, { since: { epoch: 'M1', offset: 20 } }],
  ['"recovered" after a gap', 'success', { what: 'success', recovered: false }, { recovered: true }],
  ['a wrong number of recovered messages', 'success', { what: 'success', recovered_messages: 2 }, { recovered_messages: 3 }],
  ['a wrong offset', 'offset', { what: 'event', entry: 'a.2' }, { offset: 7 }],
  ['an error that the client was told', 'error', { what: 'reconnect' }, { what: 'error', reason: 'taken_over' }],
]) {
  test(`finds ${what}`, () => {
    const found = kindsIn(change(goodRecord(), old, by));
    assert.ok(found.includes(kind), `found: ${found}`);
  });
}

test('finds a rejoin that does not ask for what was missed', () => {
  const record = goodRecord();
  change(record, { what: 'place', recovered: true }, { recovered: undefined, offset: 7, replayed: undefined });
  const { chronicle } = record.clients[0];
  for (const offset of [4, 6, 7]) {
    const isAt = (step) => step.what === 'event' && step.stream === kept && step.offset === offset;
    chronicle.splice(chronicle.findIndex(isAt), 1);
  }
  assert.ok(kindsIn(record).includes('lost'));
});

test('a client whose join was refused when it came back does not know whether it has missed anything', () => {
  const record = goodRecord();
  const { chronicle } = record.clients[0];
  const success = { what: 'success', recovered: false, recovered_messages: 0 };
  chronicle.push({ what: 'reconnect' }, { what: 'refused' }, success);
  assert.deepEqual(kindsIn(record), []);
  success.recovered = true;
  assert.deepEqual(kindsIn(record), ['success']);
  Object.assign(success, { recovered: false });
  chronicle.splice(chronicle.indexOf(success) - 1, 1);
  assert.deepEqual(kindsIn(record), ['success']);
});

test('finds a notice of the client itself', () => {
  const record = goodRecord();
  const { chronicle } = record.clients[0];
  const at = chronicle.findIndex(({ entry }) => entry === 'a.4');
  chronicle.splice(at + 1, 0, { what: 'event', stream: kept, entry: noticeEntry('USER_DISCONNECTED', 'cid:own1') });
  assert.ok(kindsIn(record).includes('own notice'));
});

test('finds a post that never settles, and one to somebody who is there that vanishes', () => {
  const record = goodRecord();
  const post = { stream: `@${user}`, state: 'pending', reason: null, answers: [] };
  record.posts.set('x.1', post);
  assert.deepEqual(kindsIn(record), ['unsettled']);
  Object.assign(post, { state: 'resolved', answers: [{ place: null, generation: 1, sentAtMs: 5 }] });
  assert.deepEqual(kindsIn(record), ['swallowed']);
});

test('a post that was sent, and of which nobody knows what became, may have taken effect', () => {
  const record = goodRecord();
  Object.assign(record.posts.get('a.1'), { state: 'rejected', reason: 'outcome_unknown' });
  assert.deepEqual([kindsIn(record), judge(record).figures.unsure], [[], 1]);
  record.posts.get('a.1').reason = 'history_full';
  assert.deepEqual(kindsIn(record), ['refused']);
});

test('a post that a server in memory had forgotten may take effect again, in a durable group not', () => {
  const record = goodRecord();
  record.order.begin(memory, 'M3', 4);
  record.order.put(memory, 'M3', 1, 'm.1');
  assert.deepEqual([kindsIn(record), judge(record).figures.again], [[], 1]);
  record.order.put(memory, 'M3', 2, 'm.1');
  assert.ok(kindsIn(record).includes('twice'));
});

// `m.21` follows what is known of a group in memory, is acknowledged by the server that then dies, and nobody hears it.
function withUnheardPost() {
  const record = goodRecord();
  const place = { stream: memory, epoch: 'M1', offset: 21 };
  const answers = [{ place, generation: 2, sentAtMs: 0 }];
  record.posts.set('m.21', { stream: memory, state: 'resolved', reason: null, answers });
  return record;
}

test('what a dead server had acknowledged is lost for those who were not told of a gap, and for them alone', () => {
  const record = withUnheardPost();
  assert.deepEqual([kindsIn(record), judge(record).figures.unheard], [[], 1]);
  // Another client was there, too, and the next server says that it has missed nothing.
  const welcome = { what: 'welcome', cid: 'cid:two', generation: 2 };
  const chronicle = [
    { what: 'connect' },
    welcome,
    { what: 'join', group: 'memory 0' },
    { what: 'place', group: 'memory 0', epoch: 'M1', offset: 20, generation: 2 },
    { what: 'reconnect' },
    { ...welcome, generation: 3 },
    {
      what: 'place',
      group: 'memory 0',
      epoch: 'M2',
      offset: 6,
      generation: 3,
      since: { epoch: 'M1', offset: 20 },
      recovered: true,
      replayed: 0,
    },
  ];
  record.clients.push({ name: 'c1', user: 'ffffffff-6d1c-4d6b-8f5e-0f0a6a3f2b01', chronicle });
  assert.deepEqual(kindsIn(record), ['lost']);
});

test('what was acknowledged to the only one there, who has left, need not be heard by those who came later', () => {
  const record = withUnheardPost();
  record.posts.get('m.21').answers[0].place.epoch = 'M2';
  record.posts.get('m.21').answers[0].place.offset = 2;
  record.posts.get('m.21').answers[0].generation = 3;
  record.order.unhear(memory, 'M2', 2);
  record.posts.delete('n.2');
  assert.deepEqual(kindsIn(record), []);
});

test('finds an acknowledged post of the last server that nobody heard, nor anything after it', () => {
  const record = withUnheardPost();
  record.generations = 2;
  assert.deepEqual(kindsIn(record), ['lost']);
});

test('finds two clients that were told different orders', () => {
  const { order } = goodRecord();
  order.put(kept, 'K', 1, 'somebody.else');
  assert.deepEqual(order.findings.map(({ kind }) => kind), ['two orders']);
});

test('finds what is wrong on the wire', () => {
  const findings = [];
  const wire = new Wire({
    order: new Order(),
    who: 'c0',
    user,
    generation: () => 1,
    tell: { finding: ({ text }) => findings.push(text) },
  });
  const message = (offset, group = 'tea') =>
    wire.onReceived(JSON.stringify({ ev: 'message', group, offset, cid: 'cid:x', data: { id: `a.${offset}` } }));
  const ask = (command, ok) => {
    wire.onSent(JSON.stringify(command));
    wire.onReceived(JSON.stringify({ id: command.id, ok }));
  };
  const since = { epoch: 'E', offset: 4 };
  ask({ id: 1, op: 'join', group: 'tea' }, { group: 'tea', epoch: 'E', offset: 4 });
  message(5);
  assert.deepEqual(findings, []);
  message(7); // 6 is left out
  message(7);
  message(1, 'coffee');
  ask({ id: 2, op: 'join', group: 'tea', since }, { group: 'tea', epoch: 'E', offset: 5, recovered: true, replayed: 1 });
  ask({ id: 3, op: 'join', group: 'tea', since }, { group: 'tea', ...since, recovered: true, replayed: 1, more: true });
  message(5);
  message(6); // before the next page was asked for
  wire.onReceived('{"id":3,"ok":{}}');
  assert.deepEqual(findings, [
    'c0: #tea E: offset 7 instead of 6',
    'c0: #tea E: offset 7 instead of 8',
    'c0: "a.1" of #coffee, which this connection is not in',
    'c0: #tea is recovered from E 5, not from E 4',
    'c0: #tea E 6 comes before the rest was asked for',
    'c0: a reply to 3, which was not asked or is answered already',
  ]);
});

test('the plan of faults is the seed’s, with as many as were asked for', () => {
  const options = { seed: 7, deliveries: 1_000, cuts: 20, restarts: 3 };
  assert.deepEqual(planFaults(options), planFaults(options));
  assert.notDeepEqual(planFaults(options), planFaults({ ...options, seed: 8 }));
  const count = (...kinds) => planFaults(options).filter(({ what }) => kinds.includes(what)).length;
  assert.deepEqual([count('reset', 'fin_to_client', 'fin_to_server', 'stalled'), count('kill', 'drain')], [20, 3]);
});

// A line to a server that sends back what it gets.
async function echoLine(t) {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const line = await Line.open(() => ({ port: server.address().port, generation: 1 }));
  const client = connect({ host: '127.0.0.1', port: line.port, allowHalfOpen: true });
  t.after(() => {
    client.destroy();
    line.close();
    server.close();
  });
  client.on('error', () => {});
  client.write('hello');
  const [first] = await once(client, 'data');
  assert.equal(String(first), 'hello');
  return { line, client };
}

test('a line passes everything on, in order, also when it is slow and late', async (t) => {
  const { line, client } = await echoLine(t);
  line.slow('up', 200_000, 60_000);
  line.delay('down', 50, 60_000);
  const sent = Buffer.alloc(100_000, 'abcdefg');
  client.end(sent);
  const parts = [];
  for await (const part of client) parts.push(part);
  assert.ok(Buffer.concat(parts).equals(sent));
});

test('a line that is cut resets its client', async (t) => {
  const { line, client } = await echoLine(t);
  const failed = once(client, 'error');
  line.cut();
  assert.equal((await failed)[0].code, 'ECONNRESET');
});

test('a line that is half closed ends one direction, and the other goes on', async (t) => {
  const { line, client } = await echoLine(t);
  client.resume();
  line.halfClose('client');
  await once(client, 'end');
  assert.equal(client.writable, true);
  assert.equal(line.isLive, true);
});

test('a line without a network resets who comes, and is there again when all is clear', async (t) => {
  const { line } = await echoLine(t);
  line.away(60_000);
  const refused = connect({ host: '127.0.0.1', port: line.port });
  const [error] = await once(refused, 'error');
  assert.equal(error.code, 'ECONNRESET');
  line.clear();
  const client = connect({ host: '127.0.0.1', port: line.port });
  client.write('again');
  assert.equal(String((await once(client, 'data'))[0]), 'again');
  client.destroy();
});
