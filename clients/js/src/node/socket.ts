import { randomBytes } from 'node:crypto';
import type { ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocketLike } from '../types.js';
import { FrameError, FrameReader, Opcode, encodeFrame } from './frames.js';
import type { Frame } from './frames.js';
import { shake } from './handshake.js';

const MESSAGE_BYTES_MAX = 16 * 2 ** 20;
/** How long the other side may take to answer a close frame. */
const CLOSE_WAIT_MS = 5_000;
const NO_CODE = 1005;
const ABNORMAL = 1006;

/**
 * A WebSocket client (RFC 6455) with the browser's interface for text messages of at most 16 MiB, for a Node without a
 * global WebSocket. A binary message closes the connection with 1003. Exactly one `close` event ends its life.
 */
export class NodeWebSocket implements WebSocketLike {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;

  onopen: WebSocketLike['onopen'] = null;
  onmessage: WebSocketLike['onmessage'] = null;
  onclose: WebSocketLike['onclose'] = null;
  onerror: WebSocketLike['onerror'] = null;
  readyState = NodeWebSocket.CONNECTING;
  protocol = '';

  private readonly request: ClientRequest;
  private stream: Duplex | undefined;
  private readonly reader = new FrameReader(MESSAGE_BYTES_MAX);
  private fragments: Buffer[] = [];
  private fragmentBytes = 0;
  private closeCode = ABNORMAL;
  private closeReason = '';
  private closeTimer: NodeJS.Timeout | undefined;

  constructor(
    readonly url: string,
    protocols: string[] = [],
    options: { ca?: string | Buffer | undefined } = {},
  ) {
    this.request = shake({
      url,
      protocols,
      ca: options.ca,
      onOpened: (stream, protocol, early) => this.onOpened(stream, protocol, early),
      onFailed: (error) => this.onFailed(error),
    });
  }

  send(text: string) {
    if (this.readyState === NodeWebSocket.CONNECTING) throw new Error('The WebSocket is not open yet.');
    if (this.readyState === NodeWebSocket.OPEN) this.write(Opcode.text, Buffer.from(text));
  }

  close(code?: number, reason = '') {
    if (this.readyState === NodeWebSocket.CONNECTING) {
      this.request.destroy();
      // As in a browser, the events come after the caller's turn.
      queueMicrotask(() => this.onFailed(new Error('Closed before the connection was established.')));
    } else if (this.readyState === NodeWebSocket.OPEN) {
      this.startClosing(code, reason);
    }
  }

  private onOpened(stream: Duplex, protocol: string, early: Buffer) {
    if (this.readyState !== NodeWebSocket.CONNECTING) {
      stream.destroy();
      return;
    }
    this.stream = stream;
    this.protocol = protocol;
    this.readyState = NodeWebSocket.OPEN;
    stream.on('data', (bytes: Buffer) => this.onBytes(bytes));
    stream.on('end', () => stream.end());
    stream.on('error', () => {});
    stream.on('close', () => this.onEnded());
    this.onopen?.({ type: 'open', target: this });
    if (early.length > 0) this.onBytes(early);
  }

  private onFailed(error: Error) {
    if (this.readyState === NodeWebSocket.CLOSED) return;
    this.onerror?.({ type: 'error', target: this, error, message: error.message });
    this.onEnded();
  }

  private onEnded() {
    if (this.readyState === NodeWebSocket.CLOSED) return;
    clearTimeout(this.closeTimer);
    this.readyState = NodeWebSocket.CLOSED;
    const { closeCode: code, closeReason: reason } = this;
    this.onclose?.({ type: 'close', target: this, code, reason, wasClean: code !== ABNORMAL });
  }

  private onBytes(bytes: Buffer) {
    try {
      for (const frame of this.reader.feed(bytes)) this.onFrame(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.closeCode = error.closeCode;
      this.closeReason = error.message;
      if (this.readyState === NodeWebSocket.OPEN) this.startClosing(error.closeCode, error.message);
      this.stream?.destroy();
    }
  }

  private onFrame({ fin, opcode, payload }: Frame) {
    switch (opcode) {
      case Opcode.ping:
        if (this.readyState === NodeWebSocket.OPEN) this.write(Opcode.pong, payload);
        return;
      case Opcode.pong:
        return;
      case Opcode.close:
        return this.onCloseFrame(payload);
      case Opcode.binary:
        throw new FrameError(1003, 'text messages only');
    }
    if ((opcode === Opcode.continuation) !== this.fragments.length > 0) {
      throw new FrameError(1002, 'a continuation without a beginning, or a beginning within a message');
    }
    this.fragments.push(payload);
    this.fragmentBytes += payload.length;
    if (this.fragmentBytes > MESSAGE_BYTES_MAX) throw new FrameError(1009, `more than ${MESSAGE_BYTES_MAX} bytes`);
    if (!fin) return;
    const data = utf8(Buffer.concat(this.fragments));
    this.fragments = [];
    this.fragmentBytes = 0;
    if (this.readyState === NodeWebSocket.OPEN) this.onmessage?.({ type: 'message', target: this, data });
  }

  private onCloseFrame(payload: Buffer) {
    if (payload.length === 1) throw new FrameError(1002, 'a close frame with half a code');
    this.closeCode = payload.length === 0 ? NO_CODE : payload.readUInt16BE(0);
    this.closeReason = utf8(payload.subarray(2));
    if (this.readyState === NodeWebSocket.OPEN) this.write(Opcode.close, payload.subarray(0, 2));
    this.readyState = NodeWebSocket.CLOSING;
    this.stream?.end();
    this.limitClosing();
  }

  private startClosing(code: number | undefined, reason: string) {
    const payload = Buffer.alloc(code === undefined ? 0 : 2);
    if (code !== undefined) payload.writeUInt16BE(code);
    this.write(Opcode.close, Buffer.concat([payload, Buffer.from(code === undefined ? '' : reason)]));
    this.readyState = NodeWebSocket.CLOSING;
    this.limitClosing();
  }

  private limitClosing() {
    clearTimeout(this.closeTimer);
    this.closeTimer = setTimeout(() => this.stream?.destroy(), CLOSE_WAIT_MS);
    this.closeTimer.unref();
  }

  private write(opcode: number, payload: Buffer) {
    this.stream?.write(encodeFrame(opcode, payload, randomBytes(4)));
  }
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FrameError(1007, 'text that is not UTF-8');
  }
}
