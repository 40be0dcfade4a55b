// A server of the protocol as far as nothing is to be lost or doubled: one group "tea", one user, one connection after the other, which is
// cut at any place. What it has sent out is its record, with which a client's is compared.
import { Bucket } from './bucket.js';
import type { Random } from './random.js';

interface Logged {
  ev: 'message' | 'notice' | 'private';
  cid: string;
  data?: unknown;
}

/** A stream, and how much of it the server keeps. */
export class ModelStream {
  readonly log: Logged[] = [];
  readonly posted = new Map<string, number>();

  constructor(
    readonly epoch: string,
    readonly keptMax: number,
  ) {}

  get offset(): number {
    return this.log.length;
  }

  add(event: Logged): number {
    return this.log.push(event);
  }
}

interface Command {
  id: number;
  op: string;
  session?: string;
  group?: string;
  since?: { epoch: string; offset: number };
  to?: unknown;
  data?: unknown;
  key?: string;
}

const LIMITS = { message_bytes: 1_000, commands_per_second: 100, commands_burst: 20, group_name_bytes: 20, user_id_bytes: 20 };
const OTHER = 'cid:OOOOOOOOOOOOOOOO';

export class ModelServer {
  readonly group: ModelStream;
  readonly user: ModelStream;
  /** Sent by the client and not arrived; what has arrived nobody can take back. */
  toServer: Command[] = [];
  toClient: object[] = [];
  refusals = 0;
  replays = 0;
  duplicates = 0;
  private bucket = new Bucket(1, 1);
  private cid: string | undefined;
  private lastCid: string | undefined;
  private isMember = false;
  private hearsGroup = false;
  private cids = 0;

  constructor(private readonly random: Random) {
    this.group = new ModelStream('g1', 5 + random.below(100));
    this.user = new ModelStream('u1', 5 + random.below(100));
  }

  cut() {
    this.toServer = [];
    this.toClient = [];
    this.cid = undefined;
    this.hearsGroup = false;
  }

  open(nowMs: number) {
    this.cut();
    this.bucket = new Bucket(LIMITS.commands_per_second, LIMITS.commands_burst, nowMs);
  }

  /** Somebody else says something to the group, or to the user. */
  say(data: unknown) {
    if (this.random.below(3) === 0) this.toUser({ ev: 'private', cid: OTHER, data });
    else this.toGroup({ ev: 'message', cid: OTHER, data });
  }

  /** The oldest command that is under way arrives. */
  arrive(nowMs: number) {
    const command = this.toServer.shift();
    if (command === undefined) return;
    const { id, op } = command;
    if (op === undefined) return;
    if (!this.bucket.take(1, nowMs)) {
      this.refusals += 1;
      const error = { code: 'ERROR', reason: 'rate_limited', message: 'No.', retry: true, retry_after_ms: 10 };
      return this.toClient.push({ id, error });
    }
    if (op === 'connect') this.connect(command);
    else if (op === 'join') this.join(command);
    else if (op === 'post') this.post(command);
    else this.toClient.push({ id, ok: {} });
  }

  private connect({ id, session, since }: Command) {
    const resumed = session !== undefined && session === this.lastCid && this.random.below(2) === 0;
    if (!resumed && this.isMember) {
      this.isMember = false;
      this.toGroup({ ev: 'notice', cid: this.lastCid! });
    }
    this.cid = resumed ? session : `cid:${String(++this.cids).padStart(16, '0')}`;
    this.lastCid = this.cid;
    const { news, missed } = this.newsOf(this.user, since, Infinity);
    const times = { token_expires_in_ms: 3_600_000, ping_interval_ms: 25_000_000, pong_timeout_ms: 8_000 };
    this.toClient.push({ id, ok: { user: 'ann', cid: this.cid, resumed, ...times, limits: LIMITS, stream: news } }, ...missed);
  }

  private join({ id, since }: Command) {
    const cid = this.cid!;
    this.hearsGroup = false;
    if (!this.isMember) this.toGroup({ ev: 'notice', cid });
    this.isMember = true;
    const { news, missed } = this.newsOf(this.group, since, 1 + this.random.below(20));
    this.hearsGroup = news.more !== true;
    this.toClient.push({ id, ok: { group: 'tea', message: '', ...news } }, ...missed);
  }

  private post({ id, to, data, key }: Command) {
    const stream = to === 'tea' ? this.group : this.user;
    let offset = stream.posted.get(key!);
    if (offset !== undefined) this.duplicates += 1;
    else if (to === 'tea') offset = this.toGroup({ ev: 'message', cid: this.cid!, data });
    else offset = this.toUser({ ev: 'private', cid: this.cid!, data });
    stream.posted.set(key!, offset);
    this.toClient.push({ id, ok: { epoch: stream.epoch, offset } });
  }

  private newsOf(stream: ModelStream, since: Command['since'], pageMax: number): { news: Record<string, unknown>; missed: object[] } {
    const { epoch, offset } = stream;
    if (since === undefined) return { news: { epoch, offset }, missed: [] };
    const missed = offset - since.offset;
    if (since.epoch !== epoch || missed > stream.keptMax) {
      const why = since.epoch !== epoch ? { reason: 'epoch' } : { reason: 'window', missed };
      return { news: { epoch, offset, recovered: false, ...why }, missed: [] };
    }
    const replayed = Math.min(missed, pageMax);
    this.replays += replayed;
    const page = Array.from({ length: replayed }, (_, i) => this.eventOf(stream, since.offset + 1 + i));
    return { news: { ...since, recovered: true, replayed, ...(replayed < missed && { more: true }) }, missed: page };
  }

  private eventOf(stream: ModelStream, offset: number): object {
    const { ev, cid, data } = stream.log[offset - 1]!;
    if (ev === 'private') return { ev, offset, user: 'x', cid, data };
    return { ev, group: 'tea', offset, user: 'x', cid, ...(ev === 'message' ? { data } : { code: 'USER_JOINED', message: 'n' }) };
  }

  private toGroup(event: Logged): number {
    const offset = this.group.add(event);
    if (this.hearsGroup && !(event.ev === 'notice' && event.cid === this.cid)) this.toClient.push(this.eventOf(this.group, offset));
    return offset;
  }

  private toUser(event: Logged): number {
    const offset = this.user.add(event);
    if (this.cid !== undefined) this.toClient.push(this.eventOf(this.user, offset));
    return offset;
  }
}
