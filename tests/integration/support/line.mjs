// A line to a server that can break: between a client and it, byte for byte.
import { connect, createServer } from 'node:net';

// Listens on a free port until after the test `t`.
export async function startLine(t, port) {
  const pairs = new Set();
  let isPaused = false;
  let dropsAnswers = false;
  const listener = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    const pair = { client, server };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => dropsAnswers || client.write(bytes));
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    if (isPaused) server.pause();
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    dropsAnswers = false;
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
  };
  t.after(() => {
    cut();
    listener.close();
  });
  return {
    url: `http://127.0.0.1:${listener.address().port}`,
    cut,
    // From now on nothing comes back from the server, until the line is cut.
    dropAnswers: () => (dropsAnswers = true),
    // The client reads nothing any more, until the line is resumed.
    pause() {
      isPaused = true;
      for (const { server } of pairs) server.pause();
    },
    resume() {
      isPaused = false;
      for (const { server } of pairs) server.resume();
    },
  };
}
