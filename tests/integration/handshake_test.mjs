// From HTTP to WebSocket: what is refused, what is agreed to, and which frames end the connection.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { binary, close, frame, ping, text } from '../conformance/wire/frames.mjs';
import { startServer } from './support/server.mjs';
import { ann, bob } from './support/users.mjs';

const server = await startServer({ after }, { settings: { 'limits.message_bytes_max': 20_000 } });
const deflate = 'permessage-deflate; client_max_window_bits';

for (const [name, options, status] of [
  ['without our subprotocol', { protocols: ['chat', 'pipit.v2', 'pipit.token.abc'] }, 400],
  ['without any subprotocol', { headers: { 'Sec-WebSocket-Protocol': null } }, 400],
  ['with another method', { method: 'POST' }, 400],
  ['without a key', { headers: { 'Sec-WebSocket-Key': null } }, 400],
  ['with a key of the wrong length', { key: 'AAAA' }, 400],
  ['of an old version', { headers: { 'Sec-WebSocket-Version': '8' } }, 426],
  ['without Upgrade', { headers: { Upgrade: null } }, 426],
  ['without Connection: Upgrade', { headers: { Connection: 'keep-alive' } }, 426],
]) {
  test(`an upgrade ${name} gets ${status}`, async () => {
    const { status: got, body } = await server.refusal(options);
    assert.equal(got, status);
    assert.match(body, /\.\n$/);
  });
}

test('whoever speaks another version is told ours', async () => {
  const { headers } = await server.refusal({ headers: { 'Sec-WebSocket-Version': '12' } });
  assert.equal(headers['sec-websocket-version'], '13');
});

const signedIn = async () => server.signIn(ann);
for (const [name, frames, code] of [
  ['a binary message', [binary('{}')], 1003],
  ['text that is not UTF-8', [text(Buffer.from([0x22, 0xff, 0x22]))], 1007],
  [
    'text that is not UTF-8 behind half a message',
    [text('"', { fin: false }), frame(0, Buffer.from([0xc0, 0x80]))],
    1007,
  ],
  ['a message that is too big', [text(JSON.stringify({ data: 'x'.repeat(20_000) }))], 1009],
  [
    'a message that is too big in pieces',
    [text('x'.repeat(15_000), { fin: false }), frame(0, 'x'.repeat(15_000))],
    1009,
  ],
  ['a reserved bit', [text('{}', { rsv: 2 })], 1002],
  ['compression that was not agreed to', [text('{}', { rsv: 4 })], 1002],
  ['a continuation of nothing', [frame(0, '{}')], 1002],
  ['a fragmented ping', [ping('', { fin: false })], 1002],
  ['a close code that must not be sent', [close(1005)], 1002],
  ['a message that is not JSON', [text('hello')], 4501],
  ['a command without an id', [text('{"op":"leave"}')], 4501],
  ['a command whose id is no whole number', [text('{"id":1.5,"op":"leave"}')], 4501],
  [
    'JSON that is nested too deep',
    [text(`{"id":1,"op":"post","to":"x","data":${'['.repeat(100)}${']'.repeat(100)}}`)],
    4501,
  ],
]) {
  test(`${name} closes the connection with ${code}`, async () => {
    const client = await signedIn();
    client.sendFrames(...frames);
    const { code: got, reason } = await client.closed();
    assert.equal(got, code);
    assert.ok(reason.length > 0);
    await client.ended();
  });
}

test('a message that would inflate beyond the limit closes the connection with 1009', async () => {
  const client = await server.signIn(ann, { extensions: deflate });
  client.sendDeflated(JSON.stringify({ data: 'x'.repeat(1_000_000) }));
  assert.equal((await client.closed()).code, 1009);
});

test('a close frame is answered with the same code', async () => {
  for (const code of [1000, 1001, 3000, 4999]) {
    const client = await signedIn();
    assert.equal((await client.close(code)).code, code);
    await client.ended();
  }
});

test('a token that came with the handshake signs in, and its entry is never selected', async () => {
  const client = await server.open({ protocols: [`pipit.token.${server.token(ann)}`, 'pipit.v1'] });
  assert.equal((await client.request({ op: 'connect' })).ok.user, ann);
});

test('a token in connect counts more than the one of the handshake', async () => {
  const client = await server.open({ protocols: ['pipit.v1', `pipit.token.${server.token(ann)}`] });
  assert.equal((await client.request({ op: 'connect', token: server.token(bob) })).ok.user, bob);
});

test('what is sent right behind the handshake and the sign-in is carried out in order', async () => {
  const commands = [
    { op: 'connect', token: server.token(ann) },
    { op: 'join', group: 'early' },
    { op: 'post', to: 'early', data: 1 },
  ];
  const early = commands.map((command, index) => text(JSON.stringify({ id: index + 1, ...command })));
  const client = await server.open({ early });
  assert.ok((await client.reply(1)).ok);
  assert.equal((await client.reply(2)).ok.group, 'early');
  assert.equal((await client.reply(3)).ok.offset, 1);
  assert.equal((await client.event()).data, 1);
});

test('several commands in one message, and one message in many frames, are all carried out', async () => {
  const client = await signedIn();
  const several = [
    client.command({ op: 'join', group: 'many' }),
    client.command({ op: 'post', to: 'many', data: 'a' }),
  ];
  client.sendText(`${several[0].text}\n{}\n${several[1].text}`);
  assert.ok((await client.reply(several[0].id)).ok);
  assert.ok((await client.reply(several[1].id)).ok);
  const cut = client.command({ op: 'post', to: 'many', data: 'ü' });
  const bytes = Buffer.from(cut.text);
  client.sendFrames(...[...bytes].map((byte, i) => frame(i === 0 ? 1 : 0, [byte], { fin: i === bytes.length - 1 })));
  assert.ok((await client.reply(cut.id)).ok);
  assert.deepEqual([(await client.event()).data, (await client.event()).data], ['a', 'ü']);
});

test('compression is agreed to without context takeover, and an offer of a small window is declined', async () => {
  const agreed = await server.open({ extensions: deflate });
  assert.equal(agreed.extensions, 'permessage-deflate; server_no_context_takeover; client_no_context_takeover');
  const declined = await server.open({ extensions: 'permessage-deflate; server_max_window_bits=9' });
  assert.equal(declined.extensions, undefined);
});

test('a long message reaches those who take compression compressed, and the others in the group plain', async () => {
  const plain = await server.member(ann, 'mixed');
  const compressing = await server.member(bob, 'mixed', { extensions: deflate });
  assert.equal((await plain.event()).code, 'USER_JOINED');
  const data = 'the same words again and again, '.repeat(100);
  const { id, text: json } = compressing.command({ op: 'post', to: 'mixed', data });
  compressing.sendDeflated(json);
  assert.ok((await compressing.reply(id)).ok);
  for (const [client, compressed] of [
    [plain, false],
    [compressing, true],
  ]) {
    const event = await client.event();
    assert.equal(event.data, data);
    assert.equal(event.compressed, compressed);
  }
  await plain.post('mixed', '"short"');
  assert.equal((await compressing.event()).compressed, false);
});

test('deflate.enabled=false declines compression', async (t) => {
  const other = await startServer(t, { settings: { 'deflate.enabled': false } });
  assert.equal((await other.open({ extensions: deflate })).extensions, undefined);
});
