// A client for tests, with all that is around it.
import { Pipit } from '../pipit.js';
import { FakeHttp, FakeServer, ManualClock } from './fakes.js';

/** One that has not connected. `reported`: what the application's own callbacks threw. */
export function newClient(given: Parameters<ManualClock['surroundings']>[0] = {}) {
  const server = new FakeServer();
  const clock = new ManualClock();
  const http = new FakeHttp();
  const reported: unknown[] = [];
  const around = clock.surroundings({ report: (error) => void reported.push(error), httpFetch: http.fetch, ...given });
  const pipit = new Pipit({ url: 'https://example.org', token: 'T1', WebSocket: server.WebSocket }, around);
  return { server, clock, http, pipit, reported };
}

/** One whose connection is open. */
export async function connectedClient() {
  const all = newClient();
  const connecting = all.pipit.connectRealtime(() => {});
  const socket = await all.server.signIn();
  await connecting;
  return { ...all, socket };
}
