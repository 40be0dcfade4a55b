// Which servers help two sides to find a way to each other (PROTOCOL.md, section 2.12).
import type { Around } from './around.js';
import type { CallLink } from './link.js';
import { invalidParameter } from './refusals.js';

/** How long a list is given to new calls: the server may be set anew. */
const KEPT_MS = 600_000;
/** Of the time that credentials are good for, this much is left when they are asked for anew. */
const RENEWED_WITH = 0.2;
const RETRY_MS = 30_000;

const STUN_URL = /^stuns?:[^\s/?#@]+$/i;

/** Throws a Refusal. */
export function checkIce(ice: unknown): RTCConfiguration {
  if (ice === undefined || ice === null) return {};
  if (typeof ice === 'string' && STUN_URL.test(ice)) return { iceServers: [{ urls: ice }] };
  if (typeof ice === 'object' && !Array.isArray(ice)) return ice as RTCConfiguration;
  throw invalidParameter('"ice" must be "stun:" with a host, as stun:stun.example.org:3478, or a configuration for RTCPeerConnection.');
}

interface IceOk {
  iceServers: RTCIceServer[];
  expires_in_ms?: number;
}

/** The server's list, asked for when it is needed, and again before its credentials run out while it is in use. */
export class IceList {
  private asking: Promise<RTCIceServer[]> | undefined;
  private staleAtMs = 0;
  /** Infinite without credentials. */
  private renewAtMs = Infinity;
  private timer: unknown;
  private readonly users = new Set<(servers: RTCIceServer[]) => void>();

  constructor(
    private readonly link: CallLink,
    private readonly around: Around,
  ) {}

  /** Rejects as a command does. */
  get(): Promise<RTCIceServer[]> {
    if (this.asking && this.around.nowMs() < this.staleAtMs) return this.asking;
    this.staleAtMs = Infinity;
    const asking = this.ask();
    this.asking = asking;
    asking.catch(() => (this.staleAtMs = 0));
    return asking;
  }

  /** The server may be another one than before. */
  forget() {
    this.staleAtMs = 0;
  }

  /** Calls back with each newer list, until what is returned is called. */
  use(renewed: (servers: RTCIceServer[]) => void): () => void {
    this.users.add(renewed);
    this.schedule();
    return () => {
      this.users.delete(renewed);
      this.schedule();
    };
  }

  private async ask(): Promise<RTCIceServer[]> {
    const ok = await new Promise<IceOk>((resolve, reject) => this.link.command('ice', {}, resolve, reject));
    const usedMs = (ok.expires_in_ms ?? Infinity) * (1 - RENEWED_WITH);
    this.renewAtMs = this.around.nowMs() + usedMs;
    this.staleAtMs = this.around.nowMs() + Math.min(usedMs, KEPT_MS);
    this.schedule();
    return ok.iceServers;
  }

  private schedule(afterMs = this.renewAtMs - this.around.nowMs()) {
    this.around.timers.clearTimer(this.timer);
    this.timer = undefined;
    if (this.users.size > 0 && afterMs < Infinity) this.timer = this.around.timers.setTimer(() => this.renew(), Math.max(0, afterMs));
  }

  private renew() {
    this.forget();
    this.get().then(
      (servers) => this.users.forEach((renewed) => renewed(servers)),
      () => this.schedule(RETRY_MS),
    );
  }
}
