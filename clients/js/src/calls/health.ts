// Whether the two sides of a call reach each other, and what is done when they do not.
import type { Timers } from './around.js';

/** A way that is interrupted mostly comes back by itself, if it does at all. */
const RESTART_AFTER_MS = 2_000;
/** The whole time in which another way may be found. */
const GIVE_UP_AFTER_MS = 30_000;
/** The same when the server does not know the other side any more, either. */
const GIVE_UP_AWAY_AFTER_MS = 6_000;

export interface HealthOptions {
  timers: Timers;
  /** Look for another way. */
  restart: () => void;
  /** It is over: it broke, or no way was ever found. */
  giveUp: (reason: 'lost' | 'not_connected') => void;
}

export class Health {
  private ice: RTCIceConnectionState = 'new';
  private isBroken = false;
  private wasWell = false;
  private isAway = false;
  private restartTimer: unknown;
  private giveUpTimer: unknown;
  private awayTimer: unknown;

  /** @param expectsWay whether anything was agreed on that needs a way to the other side */
  constructor(
    private readonly options: HealthOptions,
    private expectsWay: boolean,
  ) {}

  get isWell(): boolean {
    if (this.ice === 'new') return !this.expectsWay;
    return !this.isBroken && (this.ice === 'connected' || this.ice === 'completed');
  }

  /** Also to be called once at the begin. */
  onState({ iceConnectionState, connectionState }: Pick<RTCPeerConnection, 'iceConnectionState' | 'connectionState'>) {
    const isNew = iceConnectionState !== this.ice;
    this.ice = iceConnectionState;
    this.isBroken = connectionState === 'failed';
    if (this.ice !== 'new') this.expectsWay = true;
    this.wasWell ||= this.isWell && this.expectsWay;
    if (isNew) this.restartTimer = this.armed(this.restartTimer, this.ice === 'disconnected', RESTART_AFTER_MS, () => this.options.restart());
    if (isNew && this.ice === 'failed' && !this.isAway) this.options.restart();
    this.look();
  }

  onPeer(isAway: boolean) {
    this.isAway = isAway;
    this.look();
  }

  stop() {
    for (const timer of [this.restartTimer, this.giveUpTimer, this.awayTimer]) this.options.timers.clearTimer(timer);
    this.restartTimer = this.giveUpTimer = this.awayTimer = undefined;
  }

  private look() {
    if (this.isAway && this.ice === 'failed') return this.giveUp();
    this.giveUpTimer = this.armed(this.giveUpTimer, !this.isWell, GIVE_UP_AFTER_MS, () => this.giveUp());
    this.awayTimer = this.armed(this.awayTimer, this.isAway && !this.isWell, GIVE_UP_AWAY_AFTER_MS, () => this.giveUp());
  }

  /** A timer that runs as long as it is wanted, and from when it was wanted first. */
  private armed(timer: unknown, wanted: boolean, afterMs: number, callback: () => void): unknown {
    const { timers } = this.options;
    if (wanted) return timer ?? timers.setTimer(callback, afterMs);
    timers.clearTimer(timer);
    return undefined;
  }

  private giveUp() {
    this.stop();
    this.options.giveUp(this.wasWell ? 'lost' : 'not_connected');
  }
}
