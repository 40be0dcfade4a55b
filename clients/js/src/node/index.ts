import { Pipit as PipitBase } from '../pipit.js';
import { surroundings } from '../surroundings.js';
import type { PipitOptions as BaseOptions, WebSocketClass } from '../types.js';
import { fetchTrusting } from './fetch.js';
import { NodeWebSocket } from './socket.js';

export * from '../index.js';

export interface PipitOptions extends BaseOptions {
  /** Certificates (PEM) to trust for wss and https. Without it Node's own, and those of NODE_EXTRA_CA_CERTS. */
  ca?: string | Buffer;
}

/** A WebSocket class of our own where Node has none, or where the global one could not be told which certificates to trust. */
function chooseWebSocket({ ca }: PipitOptions): WebSocketClass {
  if (ca === undefined) return (globalThis.WebSocket as WebSocketClass | undefined) ?? NodeWebSocket;
  return class extends NodeWebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { ca });
    }
  };
}

/** Pipit for Node: the same, and `ca`. */
export class Pipit<Message = unknown> extends PipitBase<Message> {
  constructor(options: PipitOptions) {
    const { ca } = options;
    const around = ca === undefined ? surroundings : { ...surroundings, httpFetch: fetchTrusting(ca) };
    super({ ...options, WebSocket: options.WebSocket ?? chooseWebSocket(options) }, around);
  }
}
