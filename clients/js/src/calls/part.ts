// The part of the SDK that makes calls, a bundle of its own.
import { listen } from '../listen.js';
import type { Around } from './around.js';
import { Calls } from './calls.js';
import type { CallLink, CallPart } from './link.js';

/** The network that the browser uses, where it tells of it. */
type Network = EventTarget & { type?: string };

/** In Node there is no page. */
const listenToPage = (type: string, handler: () => void) => (globalThis.document ? listen(globalThis, type, handler) : () => {});

const around: Around = {
  // Looked for each time: in Node an application may bring one.
  get RTCPeerConnection() {
    return globalThis.RTCPeerConnection;
  },
  media: {
    capture: globalThis.navigator?.mediaDevices && ((constraints) => navigator.mediaDevices.getUserMedia(constraints)),
    // A WebRTC for Node may be one of data channels only.
    emptyStream: () => (globalThis.MediaStream ? new MediaStream() : ({ getTracks: () => [] } as unknown as MediaStream)),
  },
  timers: {
    setTimer: (callback, afterMs) => setTimeout(callback, afterMs),
    clearTimer: (timer) => clearTimeout(timer as number),
  },
  nowMs: () => performance.now(),
  report: (error) =>
    queueMicrotask(() => {
      throw error;
    }),
  onNetworkChange: (handler) => {
    const ends = [listenToPage('online', handler)];
    const network = (globalThis.navigator as { connection?: Network } | undefined)?.connection;
    let last = network?.type;
    const onChange = () => {
      // There is word of each new estimate of its speed, too.
      if (network!.type === last) return;
      last = network!.type;
      handler();
    };
    if (network) ends.push(listen(network, 'change', onChange));
    return () => ends.forEach((end) => end());
  },
  onPageEnd: (handler) => listenToPage('pagehide', handler),
};

export const start = (link: CallLink): CallPart => new Calls(link, around);
