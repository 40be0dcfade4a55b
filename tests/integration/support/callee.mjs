// A process that is there to be killed: node callee.mjs PORT TOKEN GROUP DOES. Prints its cid once it is in the group.
//   DOES  "accept": accepts what rings; "ring": lets it ring; "call CID": calls that connection
import { connect } from 'node:net';
import { once } from 'node:events';
import { Client } from './client.mjs';
import { HttpPeer } from './http.mjs';

const [port, token, group, does] = process.argv.slice(2);
const socket = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true });
await once(socket, 'connect');
const client = await Client.open(new HttpPeer(socket), { host: `127.0.0.1:${port}` });
const { ok: welcome } = await client.request({ op: 'connect', token });
await client.request({ op: 'join', group });
process.stdout.write(`${welcome.cid}\n`);
if (does.startsWith('call ')) await client.request({ op: 'call', to: { cid: does.slice(5) } });
socket.on('close', () => process.exit());
if (does === 'accept') {
  let event;
  do event = await client.event();
  while (event.ev !== 'ring');
  await client.request({ op: 'accept', call: event.call });
}
