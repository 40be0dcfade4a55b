// A group server on npm ws as one would write it: the commands connect, join and post, each answered, as in
// pipit.v1; one JSON.stringify for each post and one send for each receiver.
//
//   node ws_server.mjs PORT

import { WebSocket, WebSocketServer } from 'ws';
import { Offsets, event_of, new_cid } from './envelope.mjs';

const groups = new Map();
const users = new Map();
const offsets = new Offsets();

function add(map, name, socket) {
  if (!map.has(name)) map.set(name, new Set());
  map.get(name).add(socket);
}

function remove(map, name, socket) {
  const sockets = map.get(name);
  sockets?.delete(socket);
  if (sockets?.size === 0) map.delete(name);
}

const commands = {
  connect(connection, { user }) {
    connection.user = user;
    add(users, user, connection.socket);
    return { user, cid: connection.cid };
  },
  join(connection, { group }) {
    remove(groups, connection.group, connection.socket);
    connection.group = group;
    add(groups, group, connection.socket);
    return { group };
  },
  post({ user, cid }, { to, data }) {
    const offset = offsets.next(to.group ?? to.user);
    const text = JSON.stringify(event_of(to, offset, { user, cid }, data));
    const receivers = (to.group === undefined ? users.get(to.user) : groups.get(to.group)) ?? [];
    for (const socket of receivers) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    }
    return { offset };
  },
};

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 });

server.on('connection', (socket) => {
  const connection = { socket, cid: new_cid() };
  socket.on('message', (bytes) => {
    const { id, op, ...parameters } = JSON.parse(bytes);
    socket.send(JSON.stringify({ id, ok: commands[op](connection, parameters) }));
  });
  socket.on('close', () => {
    remove(users, connection.user, socket);
    remove(groups, connection.group, socket);
  });
  socket.on('error', () => socket.terminate());
});
