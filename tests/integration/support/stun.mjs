// STUN from the client's side (RFC 8489), written apart from the server's.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { within } from './deadline.mjs';

const cookie = 0x2112a442;
const vectors = JSON.parse(readFileSync(new URL('../../../protocol/vectors/stun-rfc5769.json', import.meta.url), 'utf8'));

// The samples of RFC 5769 by name.
export const samples = Object.fromEntries(
  Object.entries(vectors)
    .filter(([, vector]) => vector.hex)
    .map(([name, { hex }]) => [name, Buffer.from(hex, 'hex')]),
);

export function attribute(type, value = Buffer.alloc(0)) {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

// A Binding request with a transaction id of its own.
export function bindingRequest(attributes = []) {
  const body = Buffer.concat(attributes);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(0x0001, 0);
  head.writeUInt16BE(body.length, 2);
  head.writeUInt32BE(cookie, 4);
  randomBytes(12).copy(head, 8);
  return Buffer.concat([head, body]);
}

// { type, id, attributes: Map }, or undefined when the bytes are no message.
export function parse(message) {
  if (message.length < 20 || message.length % 4 !== 0 || message.readUInt16BE(2) !== message.length - 20) return undefined;
  const attributes = new Map();
  for (let at = 20; at < message.length; ) {
    const length = message.readUInt16BE(at + 2);
    attributes.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
    if (at > message.length) return undefined;
  }
  return { type: message.readUInt16BE(0), id: message.toString('hex', 4, 20), attributes };
}

// The port in XOR-MAPPED-ADDRESS, or else in MAPPED-ADDRESS, of an answer.
export function mappedPort({ attributes }) {
  const masked = attributes.get(0x0020);
  if (masked) return masked.readUInt16BE(2) ^ (cookie >>> 16);
  return attributes.get(0x0001)?.readUInt16BE(2);
}

// A UDP socket that speaks to the server's STUN port.
export class StunClient {
  #socket;
  #port;
  #host;

  static async open(t, { stunPort, host = '127.0.0.1' }) {
    const client = new StunClient();
    client.#socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    client.#port = stunPort;
    client.#host = host;
    t.after(() => client.#socket.close());
    await new Promise((bound) => client.#socket.bind(0, host, bound));
    return client;
  }

  get port() {
    return this.#socket.address().port;
  }

  onAnswer(take) {
    this.#socket.on('message', take);
  }

  send(datagram) {
    this.#socket.send(datagram, this.#port, this.#host);
  }

  // Sends a request and resolves with the message that answers it; whatever else comes is passed over.
  async ask(request) {
    const id = request.toString('hex', 4, 20);
    let take;
    const answered = new Promise((resolve) => {
      take = (datagram) => {
        const answer = parse(datagram);
        if (answer?.id === id) resolve(answer);
      };
    });
    this.#socket.on('message', take);
    this.send(request);
    return within(answered, 'an answer to a STUN request').finally(() => this.#socket.off('message', take));
  }
}
