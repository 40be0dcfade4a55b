// The same on socket.io as its documentation shows it: rooms, events and acknowledgements, WebSocket alone.
//
//   node socketio_server.mjs PORT

import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { Offsets, event_of, new_cid } from './envelope.mjs';

const offsets = new Offsets();
const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false });

const room_of = (to) => (to.group === undefined ? `user ${to.user}` : `group ${to.group}`);

io.on('connection', (socket) => {
  const from = { user: socket.handshake.auth.user, cid: new_cid() };
  socket.join(room_of({ user: from.user }));

  socket.on('join', ({ group }, answer) => {
    socket.join(room_of({ group }));
    answer({ group });
  });

  socket.on('post', ({ to, data }, answer) => {
    const room = room_of(to);
    const offset = offsets.next(room);
    const { ev, ...event } = event_of(to, offset, from, data);
    io.to(room).emit(ev, event);
    answer({ offset });
  });
});

http.listen(Number(process.argv[2]), '127.0.0.1', 4096);
