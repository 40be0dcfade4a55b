/** Timers; the tests move them by hand. */
export interface Timers {
  setTimer(callback: () => void, afterMs: number): unknown;
  clearTimer(timer: unknown): void;
}

/** What a call takes from the browser's devices. */
export interface MediaSource {
  /** Undefined on a page that may not ask: neither https nor localhost. */
  capture: ((constraints: MediaStreamConstraints) => Promise<MediaStream>) | undefined;
  emptyStream: () => MediaStream;
}

/** What calls take from where they run; the tests give their own. */
export interface Around {
  RTCPeerConnection: typeof RTCPeerConnection | undefined;
  media: MediaSource;
  timers: Timers;
  /** Any monotonic clock. */
  nowMs: () => number;
  /** Takes what the application's own functions threw: no caller of ours is to blame. */
  report: (error: unknown) => void;
  /** Each answers with what ends the listening. */
  onNetworkChange: (handler: () => void) => () => void;
  onPageEnd: (handler: () => void) => () => void;
}
