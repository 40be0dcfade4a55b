// An in-process server and a clock for tests of the client: no network, and time passes when the test says so.
import type { HttpFetch } from '../link.js';
import { loadParts } from '../load.js';
import type { Surroundings } from '../surroundings.js';
import type { WebSocketLike } from '../types.js';

export const CID = 'cid:9fK2Zr0aQw_XcV1B';

/** Resolves after everything that is due now, promises included. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Command {
  id: number;
  op: string;
  [member: string]: unknown;
}

/** One connection, seen from the server. */
export class FakeSocket implements WebSocketLike {
  onopen: WebSocketLike['onopen'] = null;
  onmessage: WebSocketLike['onmessage'] = null;
  onclose: WebSocketLike['onclose'] = null;
  onerror: WebSocketLike['onerror'] = null;
  readyState = 0;
  /** What the client sent, frame by frame. */
  readonly frames: string[] = [];
  closedWith: number | undefined;
  isSilent = false;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}

  send(text: string) {
    if (this.readyState !== 1) throw new Error('not open');
    this.frames.push(text);
  }

  /** The server confirms it at once, unless it is silent. */
  close(code?: number) {
    this.readyState = 2;
    this.closedWith = code;
    if (!this.isSilent) queueMicrotask(() => this.lose(code));
  }

  /** The commands that the client sent, heartbeats left out. */
  get commands(): Command[] {
    return this.frames.flatMap((frame) => frame.split('\n').map((text) => JSON.parse(text))).filter(({ op }) => op);
  }

  accept() {
    this.readyState = 1;
    this.onopen?.({});
  }

  write(...objects: object[]) {
    this.onmessage?.({ data: objects.map((object) => JSON.stringify(object)).join('\n') });
  }

  /** Answers the last command of that op. */
  ok(op: string, ok: object = {}) {
    const command = this.commands.filter((sent) => sent.op === op).at(-1);
    if (command === undefined) throw new Error(`No ${op} was sent.`);
    this.write({ id: command.id, ok });
  }

  lose(code = 1006, reason = '') {
    this.readyState = 3;
    this.onerror?.({});
    this.onclose?.({ code, reason });
  }
}

export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  readonly WebSocket: new (url: string, protocols: string[]) => FakeSocket;

  constructor() {
    const { sockets } = this;
    this.WebSocket = class extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    };
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('No socket was opened.');
    return socket;
  }

  /** Accepts the newest connection and its sign-in. */
  async signIn(lifetimeMs = 3_600_000): Promise<FakeSocket> {
    await settled();
    const { socket } = this;
    socket.accept();
    await settled();
    const limits = { message_bytes: 400, group_name_bytes: 255, user_id_bytes: 255 };
    const times = { token_expires_in_ms: lifetimeMs, ping_interval_ms: 25_000, pong_timeout_ms: 8_000 };
    socket.ok('connect', { user: 'ann', cid: CID, server: 'pipit/test', ...times, limits });
    await settled();
    return socket;
  }
}

interface FakeRequest {
  url: string;
  method: string;
  token: string | undefined;
  type: string | undefined;
  body: string | undefined;
  signal: AbortSignal;
  answer: (status: number, body: unknown) => void;
}

/** Requests over HTTP, to be answered one by one. */
export class FakeHttp {
  readonly asked: FakeRequest[] = [];
  private failure: Error | undefined;

  /** From now on there is no answer. */
  fail(failure: Error) {
    this.failure = failure;
  }

  readonly fetch: HttpFetch = (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      if (this.failure !== undefined) return reject(this.failure);
      const answer = (status: number, body: unknown) =>
        resolve({ status, text: typeof body === 'string' ? body : JSON.stringify(body) });
      signal.addEventListener('abort', () => reject(signal.reason));
      const token = headers.authorization?.replace('Bearer ', '');
      this.asked.push({ url, method, token, type: headers['content-type'], body, signal, answer });
    });

  /** Answers the newest request, once there is one. */
  async answer(status: number, body: unknown) {
    await settled();
    const request = this.asked.at(-1);
    if (request === undefined) throw new Error('Nothing was asked.');
    request.answer(status, body);
    await settled();
  }
}

/** As much of a Storage as is used. */
export class FakeStorage extends Map<string, string> {
  getItem = (key: string) => this.get(key) ?? null;
  setItem = (key: string, value: string) => void this.set(key, value);
  removeItem = (key: string) => void this.delete(key);
}

/** A clock that stands still until it is moved. */
export class ManualClock {
  nowMs = 0;
  private readonly timers = new Map<number, { dueMs: number; callback: () => void }>();
  private lastTimer = 0;

  readonly schedule: Surroundings['schedule'] = {
    setTimer: (callback, afterMs) => {
      this.timers.set(++this.lastTimer, { dueMs: this.nowMs + afterMs, callback });
      return this.lastTimer;
    },
    clearTimer: (timer) => void this.timers.delete(timer as number),
    soon: (callback) => queueMicrotask(callback),
  };

  get timersArmed(): number {
    return this.timers.size;
  }

  /** Lets `ms` pass, ringing what is due on the way. */
  async pass(ms: number) {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const due = [...this.timers].filter(([, { dueMs }]) => dueMs <= untilMs).sort(([, a], [, b]) => a.dueMs - b.dueMs)[0];
      if (due === undefined) break;
      const [timer, { dueMs, callback }] = due;
      this.timers.delete(timer);
      this.nowMs = dueMs;
      callback();
      await settled();
    }
    this.nowMs = untilMs;
  }

  /** Nowhere to ask over HTTP, nothing stored and no calls, unless given. The other parts are the real ones. */
  surroundings(given: Partial<Surroundings> = {}): Surroundings {
    return {
      origin: undefined,
      schedule: this.schedule,
      nowMs: () => this.nowMs,
      random: () => 0.5,
      keyPrefix: () => 'key',
      httpFetch: () => Promise.reject(new TypeError('no network')),
      storage: () => new FakeStorage(),
      wallMs: () => this.nowMs,
      loadParts: { ...loadParts, calls: () => Promise.reject(new TypeError('no calls')) },
      report: () => {},
      ...given,
    };
  }
}
