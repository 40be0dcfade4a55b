// The built-in STUN server: asked by clients that others have written, and by strangers who send anything.
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { run, temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { StunClient, attribute, bindingRequest, mappedPort, parse, samples } from './support/stun.mjs';
import { runTool } from './support/tool.mjs';

const success = 0x0101;
const refusal = 0x0111;

async function startWithStun(t, options) {
  const server = await startServer(t, options);
  const [, port] = await server.logged(/answering STUN on UDP .*:(\d+)$/);
  server.stunPort = Number(port);
  return server;
}

for (const host of ['127.0.0.1', '::1']) {
  const listen = host.includes(':') ? `[${host}]:0` : `${host}:0`;

  test(`turnutils_stunclient learns its address over ${host}`, async (t) => {
    const { stunPort } = await startWithStun(t, { listen });
    const { code, out } = await runTool('turnutils_stunclient', ['-p', `${stunPort}`, host]);
    assert.equal(code, 0, out);
    assert.ok(out.includes(`UDP reflexive addr: ${host}:`), out);
  });

  test(`a request over ${host} is answered with the port that it came from`, async (t) => {
    const client = await StunClient.open(t, { ...(await startWithStun(t, { listen })), host });
    const answer = await client.ask(bindingRequest());
    assert.equal(answer.type, success);
    assert.equal(mappedPort(answer), client.port);
  });
}

test('stun, a client of RFC 3489, learns its address', async (t) => {
  const { stunPort } = await startWithStun(t);
  const { code, out } = await runTool('stun', ['-v', `127.0.0.1:${stunPort}`, '1']);
  assert.equal(code, 0, out);
  assert.match(out, /mappedAddr=127\.0\.0\.1:\d+/);
});

test('a server for every address of the machine answers from the one that was asked', async (t) => {
  for (const [listen, hosts] of [
    ['0.0.0.0:0', ['127.0.0.1', '127.0.0.2']],
    ['[::]:0', ['127.0.0.1', '127.0.0.2', '::1']],
  ]) {
    const { stunPort } = await startWithStun(t, { listen });
    for (const host of hosts) {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      // A connected socket, like a NAT, takes nothing from another address.
      await new Promise((connected) => socket.connect(stunPort, host, connected));
      const answered = new Promise((resolve) => socket.once('message', resolve));
      socket.send(bindingRequest());
      const answer = parse(await answered);
      assert.equal(answer.type, success, `${listen} ${host}`);
      assert.equal(mappedPort(answer), socket.address().port);
      socket.close();
    }
  }
});

test('an attribute that nobody knows is refused by its number', async (t) => {
  const client = await StunClient.open(t, await startWithStun(t));
  const answer = await client.ask(bindingRequest([attribute(0x0031)]));
  assert.equal(answer.type, refusal);
  assert.deepEqual([...answer.attributes.get(0x0009)].slice(2, 4), [4, 20]);
  assert.equal(answer.attributes.get(0x000a).readUInt16BE(0), 0x0031);
});

test('STUN has the number of the TCP port, or the one that is set', async (t) => {
  const same = await startWithStun(t);
  assert.equal(same.stunPort, same.port);
  const other = await startWithStun(t, { settings: { 'stun.port': await freeUdpPort() } });
  assert.notEqual(other.stunPort, other.port);
  assert.equal((await (await StunClient.open(t, other)).ask(bindingRequest())).type, success);
});

test('one setting turns STUN off', async (t) => {
  const server = await startServer(t, { settings: { 'stun.enabled': false } });
  assert.deepEqual(server.log.filter((line) => line.includes('STUN')), []);
  // Whoever else can have the port, Pipit does not.
  const socket = createSocket('udp4');
  await new Promise((bound, failed) => socket.once('error', failed).bind(server.port, '127.0.0.1', bound));
  socket.close();
});

test('a port that is taken stops the start and names the settings', async (t) => {
  const socket = createSocket('udp4');
  await new Promise((bound) => socket.bind(0, '127.0.0.1', bound));
  t.after(() => socket.close());
  const { port } = socket.address();
  const args = ['serve', '--listen', '127.0.0.1:0', '--data', temporaryFolder(t), '--set', `stun.port=${port}`];
  const { code, out } = await run(args);
  assert.equal(code, 1);
  assert.match(out, new RegExp(`UDP port ${port} of 127\\.0\\.0\\.1: .*stun\\.port.*stun\\.enabled = false`));
});

test('who asks too often is answered no more, and the log says so', async (t) => {
  const server = await startWithStun(t, { settings: { 'stun.requests_per_second': 5 } });
  const client = await StunClient.open(t, server);
  let answers = 0;
  client.onAnswer(() => (answers += 1));
  for (let i = 0; i < 50; i += 1) client.send(bindingRequest());
  await server.logged(/STUN requests were not answered: .*stun\.requests_per_second/);
  assert.ok(answers <= 15, `${answers} answers`);
});

async function freeUdpPort() {
  const socket = createSocket('udp4');
  await new Promise((bound) => socket.bind(0, '127.0.0.1', bound));
  const { port } = socket.address();
  await new Promise((closed) => socket.close(closed));
  return port;
}

// Noise, headers with noise behind, and samples that were cut and changed.
function strangersDatagram() {
  const kind = randomInt(4);
  if (kind === 0) return randomBytes(randomInt(200));
  if (kind === 1) return Buffer.concat([bindingRequest().subarray(0, 20), randomBytes(randomInt(40))]);
  const known = [...Object.values(samples), bindingRequest(), bindingRequest([attribute(0x0031)])];
  const changed = Buffer.from(known[randomInt(known.length)]);
  for (let changes = randomInt(3); changes > 0; changes -= 1) changed[randomInt(changed.length)] = randomInt(256);
  return kind === 2 ? changed : changed.subarray(0, randomInt(changed.length + 1));
}

test('whatever strangers send, the answers are to what was asked, and asking still works', async (t) => {
  const total = 1_000_000;
  const window = 100; // far less than the kernel holds for a socket
  const server = await startWithStun(t, { settings: { 'stun.requests_per_second': 1_000_000 } });
  const client = await StunClient.open(t, server);
  const asked = new Map(); // by id: a request may come more than once, and so may its answer
  const faults = [];
  let answers = 0;
  client.onAnswer((datagram) => {
    const answer = parse(datagram);
    const request = asked.get(answer?.id);
    if (!request) faults.push(datagram.toString('hex'));
    else if (answer.type === success && mappedPort(answer) !== client.port) faults.push(datagram.toString('hex'));
    else if (answer.type !== success && answer.type !== refusal) faults.push(datagram.toString('hex'));
    answers += 1;
  });
  for (let sent = 0; sent < total; sent += window) {
    asked.clear();
    for (let i = 1; i < window; i += 1) {
      const datagram = strangersDatagram();
      if (datagram.length >= 20) asked.set(datagram.toString('hex', 4, 20), datagram);
      client.send(datagram);
    }
    // One that must be answered ends the window: everything before it has been looked at by then.
    const last = bindingRequest();
    asked.set(last.toString('hex', 4, 20), last);
    assert.equal((await client.ask(last)).type, success);
  }
  assert.deepEqual(faults, []);
  assert.ok(answers > total / 20 && answers < total / 2, `${answers} answers`);
  t.diagnostic(`${answers} of ${total} datagrams were answered`);
  await server.signIn('0a0e5c11-6d1c-4d6b-8f5e-0f0a6a3f2b01');
});
