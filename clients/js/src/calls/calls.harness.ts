// Clients that call each other by way of a server in which every message waits until the test lets it through.
import { PipitError } from '../errors.js';
import { FakeConnection, FakeStream, FakeTrack } from '../testing/rtc.js';
import { ManualClock, settled } from '../testing/fakes.js';
import type { WebSocketMessage } from '../types.js';
import type { Around } from './around.js';
import { Calls } from './calls.js';
import type { CallEvent, CallLink } from './link.js';
import type { RTCClosed, RTCConnector, RTCEvent, RTCIncoming, RTCResolved } from './types.js';

type Data = Record<string, any>;

interface Sent {
  client: Client;
  op: string;
  members: Data;
  done: (ok: any) => void;
  failed: (error: unknown) => void;
}

/** One side of a call on the server. */
interface Part {
  client: Client;
  ticket: string;
}

interface ServerCall {
  id: string;
  caller: Part;
  callee: Part | undefined;
  ringing: Client[];
  signals: unknown[];
}

export const STUN = [{ urls: 'stun:server.example' }];

export const refusal = (reason: string, details: object = {}) =>
  new PipitError('ERROR', `No: ${reason}.`, { reason, retry: false, ...details });

/** Does what PROTOCOL.md, sections 2.9 to 2.12, says. */
export class Server {
  readonly clients: Client[] = [];
  readonly clock = new ManualClock();
  calls: ServerCall[] = [];
  /** The next calls get these ids. */
  nextIds: string[] = [];
  /** The next commands of an op are refused so. */
  readonly refusals = new Map<string, unknown[]>();
  iceLifetimeMs: number | undefined;
  private queue: (() => void)[] = [];
  private numbers = 0;

  client(user: string, capture?: () => Promise<unknown>): Client {
    const client = new Client(this, user, `cid:${String(this.clients.length + 1).padStart(16, '0')}`, capture);
    this.clients.push(client);
    return client;
  }

  /** Lets everything through, and what comes of it; with `op` until such a command is on its way. */
  async flow(op?: string) {
    await settled();
    while (this.queue.length > 0 && !(op && this.clients.some(({ sent }) => sent.at(-1)?.op === op))) {
      this.queue.shift()!();
      await settled();
    }
  }

  take(sent: Sent) {
    sent.client.sent.push(sent);
    this.queue.push(() => {
      if (!sent.client.isOpen) return;
      const refused = this.refusals.get(sent.op)?.shift();
      if (refused === undefined) this.perform(sent);
      else this.queue.push(() => sent.failed(refused));
    });
  }

  /** The connection is gone without a word; with `isNoticed` the server knows of it. */
  lose(client: Client, isNoticed = true) {
    client.isOpen = false;
    client.calls.onEvent({ kind: 'down' });
    if (!isNoticed) return;
    for (const call of [...this.calls]) {
      const rang = call.ringing.includes(client) && !call.callee;
      call.ringing = call.ringing.filter((other) => other !== client);
      if (!call.callee && call.caller.client === client) this.end(call, 'lost', client);
      else if (rang && call.ringing.length === 0) this.end(call, 'unreachable', client);
      else this.other(call, client)?.hear({ kind: 'peer', call: call.id, state: 'away' });
    }
  }

  comeBack(client: Client) {
    client.isOpen = true;
    client.calls.onEvent({ kind: 'up' });
  }

  /** It knows of nothing any more, but its tickets are good. */
  restart() {
    this.queue = [];
    for (const call of this.calls) call.caller.client.away = call.callee!.client.away = true;
  }

  private perform({ client, op, members, done, failed }: Sent) {
    const call = this.calls.find(({ id }) => id === members.call);
    switch (op) {
      case 'ice':
        return done({ iceServers: STUN, ...(this.iceLifetimeMs === undefined ? {} : { expires_in_ms: this.iceLifetimeMs }) });
      case 'call':
        return this.call(client, members, done, failed);
      case 'accept': {
        if (!call?.ringing.includes(client)) return failed(refusal('not_in_call'));
        call.callee = { client, ticket: this.ticket() };
        for (const other of call.ringing) if (other !== client) other.hear({ kind: 'ended', call: call.id, reason: 'answered_elsewhere' });
        done({ ticket: call.callee.ticket });
        call.caller.client.hear({ kind: 'accepted', call: call.id, user: client.user, cid: client.cid, ticket: call.caller.ticket, data: members.data });
        for (const data of call.signals) client.hear({ kind: 'signal', call: call.id, data });
        return;
      }
      case 'signal': {
        if (!call) return failed(refusal('not_in_call'));
        if (!call.callee) call.signals.push(members.data);
        else this.other(call, client)!.hear({ kind: 'signal', call: call.id, data: members.data });
        return done({});
      }
      case 'hangup':
        if (call) this.end(call, call.callee ? 'hung_up' : call.caller.client === client ? 'cancelled' : 'rejected', client);
        return done({});
      case 'reattach': {
        const attached = this.calls.find(({ caller, callee }) => [caller.ticket, callee?.ticket].includes(members.ticket));
        if (!attached) return failed(refusal('not_in_call'));
        const other = this.other(attached, client)!;
        client.away = false;
        other.hear({ kind: 'peer', call: attached.id, state: 'here', user: client.user, cid: client.cid });
        return done({ call: attached.id, peer: other.isOpen && !other.away ? { user: other.user, cid: other.cid } : null });
      }
    }
    throw new Error(`unknown op ${op}`);
  }

  private call(client: Client, { to, data }: Data, done: (ok: object) => void, failed: (error: unknown) => void) {
    const ringing = this.clients.filter((other) => other !== client && (to.cid === undefined ? other.user === to.user : other.cid === to.cid));
    if (ringing.length === 0) return failed(refusal('callee_not_found'));
    const id = this.nextIds.shift() ?? `call${++this.numbers}`;
    this.calls.push({ id, caller: { client, ticket: this.ticket() }, callee: undefined, ringing, signals: [] });
    for (const other of ringing) {
      const { user, cid } = client;
      this.queue.push(() => other.hear({ kind: 'ring', call: id, user, cid, expires_in_ms: 30_000, data: JSON.parse(JSON.stringify(data)) }));
    }
    this.queue.push(() => done({ call: id, devices: ringing.length, ring_timeout_ms: 30_000 }));
  }

  /** Everyone in it hears of it but the one who did it. */
  end(call: ServerCall, reason: string, by?: Client) {
    this.calls = this.calls.filter((other) => other !== call);
    const sides = call.callee ? [call.callee.client] : call.ringing;
    for (const client of [call.caller.client, ...sides]) if (client !== by) client.hear({ kind: 'ended', call: call.id, reason });
  }

  private other(call: ServerCall, client: Client): Client | undefined {
    if (call.caller.client === client) return call.callee?.client;
    return call.callee?.client === client ? call.caller.client : undefined;
  }

  private ticket = () => `ticket${++this.numbers}`;
}

export class Client {
  readonly calls: Calls;
  readonly told: (RTCIncoming | RTCClosed)[] = [];
  readonly logged: string[] = [];
  readonly reported: unknown[] = [];
  readonly sent: Sent[] = [];
  readonly connections: FakeConnection[] = [];
  readonly tracks: FakeTrack[] = [];
  /** Of the call that was accepted last. */
  readonly events: RTCEvent[] = [];
  isOpen = true;
  away = false;
  networkChanges = new Set<() => void>();
  pageEnds = new Set<() => void>();

  constructor(
    server: Server,
    readonly user: string,
    readonly cid: string,
    capture?: () => Promise<unknown>,
  ) {
    const link: CallLink = {
      isOpen: () => this.isOpen,
      command: (op, members, done, failed) =>
        server.take({ client: this, op, members: JSON.parse(JSON.stringify(members)), done, failed }),
      tell: (message: WebSocketMessage) => void this.told.push(message as RTCIncoming | RTCClosed),
      log: (_level, text) => void this.logged.push(text),
      toError: ({ code, message, ...details }) => new PipitError(code, message, details),
    };
    const { connections, tracks } = this;
    const captured = async () => {
      await capture?.();
      const track = new FakeTrack();
      tracks.push(track);
      return new FakeStream([track]);
    };
    const listening = (handlers: Set<() => void>) => (handler: () => void) => {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    };
    const around = {
      RTCPeerConnection: class extends FakeConnection {
        constructor(config: RTCConfiguration) {
          super(config);
          connections.push(this);
        }
      },
      media: { capture: captured, emptyStream: () => new FakeStream() },
      timers: server.clock.schedule,
      nowMs: () => server.clock.nowMs,
      report: (error: unknown) => void this.reported.push(error),
      onNetworkChange: listening(this.networkChanges),
      onPageEnd: listening(this.pageEnds),
    };
    this.calls = new Calls(link, around as unknown as Around);
  }

  hear(event: CallEvent) {
    if (this.isOpen) this.calls.onEvent(event);
  }

  connect(params: object, callback: (event: RTCEvent) => void = (event) => void this.events.push(event)): Promise<RTCConnector> {
    return this.calls.connect(params, callback);
  }

  /** The ring that came last. */
  get ring(): RTCIncoming {
    const ring = this.told.filter(({ type }) => type === 'rtc:incoming').at(-1);
    if (ring === undefined) throw new Error('Nobody has called.');
    return ring as RTCIncoming;
  }

  /** The newest one that is a call's. */
  get pc(): FakeConnection {
    return this.connections.at(-1)!;
  }

  get openConnections(): number {
    return this.connections.filter(({ signalingState }) => signalingState !== 'closed').length;
  }

  ops(): string[] {
    return this.sent.splice(0).map(({ op, members }) => (members.data?.description ? `${op} ${members.data.description.type}` : op));
  }

  toldTexts(): string[] {
    return this.told.splice(0).map((message) => (message.type === 'rtc:closed' ? `closed ${message.reason}` : 'incoming'));
  }
}

export interface Talk {
  server: Server;
  ann: Client;
  bob: Client;
  connector: RTCConnector;
  anns: RTCResolved;
  bobs: RTCResolved;
}

/** Ann has called Bob, who has accepted, and they reach each other. */
export async function talking(params: object = {}, accepting: object = {}): Promise<Talk> {
  const server = new Server();
  const ann = server.client('ann');
  const bob = server.client('bob');
  const connecting = ann.connect({ cid: bob.cid, ...params });
  await server.flow();
  const answering = bob.ring.connectRTC(accepting, (event) => void bob.events.push(event));
  await server.flow();
  const connector = await connecting;
  const [anns, bobs] = await Promise.all([connector.connection, answering]);
  for (const { pc } of [ann, bob]) pc.reach('connected');
  return { server, ann, bob, connector, anns, bobs };
}
