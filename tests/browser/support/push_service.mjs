// A push service like Mozilla's: browsers register with it over a WebSocket and get their endpoints (autopush's protocol,
// which PushServiceWebSocket in Firefox speaks), and applications deliver to those (RFC 8030, RFC 8292).
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { importJWK, jwtVerify } from 'jose';
import { WebSocketServer } from 'ws';
import { Waiters } from '../../integration/support/deadline.mjs';
import { PushService } from '../../push/service.mjs';

const BODY_BYTES_MAX = 4_096;
const TOKEN_LIFETIME_MAX_S = 24 * 3600;
// How Firefox says that a worker has been given a message.
export const DELIVERED = 100;

export class BrowserPushService extends PushService {
  // All that was delivered to an endpoint: what came, with its `id`, the `channel` it is for, the `claims` of its VAPID token,
  // and the `code` that the browser has acknowledged it with.
  messages = [];
  #agents = new Map(); // by its id: { id, socket }
  #channels = new Map(); // by path: { id, path, agent, key, isGone }
  #sockets;
  #waiters = new Waiters();

  // `tls` is for the endpoints; browsers connect over plain ws, to `url`.
  static async start(tls, options) {
    const service = await super.start(tls, options);
    service.#sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    service.#sockets.on('connection', (socket) => service.#serve(socket));
    await once(service.#sockets, 'listening');
    service.url = `ws://127.0.0.1:${service.#sockets.address().port}/`;
    return service;
  }

  close() {
    this.#sockets.close();
    for (const socket of this.#sockets.clients) socket.terminate();
    super.close();
  }

  // The messages for an endpoint, once the browser has acknowledged so many.
  acknowledged(endpoint, count) {
    const look = () => {
      const messages = this.messages.filter(({ channel, code }) => this.#endpointOf(channel) === endpoint && code !== undefined);
      return messages.length >= count ? messages : undefined;
    };
    return this.#waiters.until(look, `${count} messages to be acknowledged`);
  }

  // What browsers have and have not given back: { endpoint, key }, the key being the one that an application must have.
  get subscriptions() {
    const there = [...this.#channels.values()].filter(({ isGone }) => !isGone);
    return there.map((channel) => ({ endpoint: this.#endpointOf(channel), key: channel.key }));
  }

  // Knows no browser any more, as after a loss of its data: their endpoints are gone, and who connects is new to it.
  forgetBrowsers() {
    for (const { socket } of this.#agents.values()) socket?.terminate();
    this.#agents.clear();
    for (const channel of this.#channels.values()) channel.isGone = true;
  }

  // ---- to browsers ----

  #serve(socket) {
    let agent;
    const say = (message) => socket.send(JSON.stringify(message));
    const commands = {
      hello: ({ uaid, broadcasts = {} }) => {
        agent = this.#agents.get(uaid) ?? { id: randomUUID().replaceAll('-', '') };
        agent.socket = socket;
        this.#agents.set(agent.id, agent);
        say({ messageType: 'hello', status: 200, uaid: agent.id, use_webpush: true, broadcasts });
        for (const message of this.messages) if (message.channel.agent === agent && message.code === undefined) this.#hand(message);
      },
      // Firefox may ask twice for the same channel after a connection was lost.
      register: ({ channelID, key }) => {
        const channel = this.#channelOf(agent, channelID) ?? this.#newChannel(agent, channelID, unpadded(key));
        say({ messageType: 'register', status: 200, channelID, pushEndpoint: this.#endpointOf(channel) });
      },
      unregister: ({ channelID }) => {
        const channel = this.#channelOf(agent, channelID);
        if (channel) channel.isGone = true;
        say({ messageType: 'unregister', status: 200, channelID });
        this.#waiters.changed();
      },
      ack: ({ updates }) => updates.forEach(({ version, code }) => this.#acknowledge(version, code)),
      nack: ({ version, code }) => this.#acknowledge(version, code),
      broadcast_subscribe: () => {}, // there is nothing to broadcast
      undefined: () => say({}), // a ping
    };
    socket.on('message', (text) => {
      const message = JSON.parse(text);
      commands[message.messageType](message);
    });
    socket.on('close', () => {
      if (agent?.socket === socket) agent.socket = undefined;
    });
  }

  #channelOf(agent, id) {
    return [...this.#channels.values()].find((channel) => channel.agent === agent && channel.id === id && !channel.isGone);
  }

  #endpointOf({ path }) {
    return this.origin + path;
  }

  #newChannel(agent, id, key) {
    const channel = { id, path: `/push/${randomBytes(24).toString('base64url')}`, agent, key, isGone: false };
    this.#channels.set(channel.path, channel);
    return channel;
  }

  #hand({ id, channel, headers, body }) {
    const data = body.length > 0 ? { data: body.toString('base64url'), headers: { encoding: headers['content-encoding'] } } : {};
    channel.agent.socket?.send(JSON.stringify({ messageType: 'notification', channelID: channel.id, version: id, ...data }));
  }

  #acknowledge(id, code) {
    const message = this.messages.find((one) => one.id === id);
    if (message) message.code = code;
    this.#waiters.changed();
  }

  // ---- to applications ----

  async answer(request, response) {
    const channel = this.#channels.get(request.path);
    const verdict = await this.#judge(channel, request).catch((error) => refused(403, error.message));
    const { status, reason, claims } = verdict;
    if (status !== 201) return response.writeHead(status, { 'content-type': 'text/plain' }).end(reason);
    const message = { ...request, id: randomUUID(), channel, claims };
    this.messages.push(message);
    response.writeHead(201, { location: `${this.origin}/message/${message.id}` }).end();
    return this.#hand(message);
  }

  // Whether it is delivered: { status, reason } or, with 201, { status, claims }. Rejects when the token is not good.
  async #judge(channel, { method, headers, body }) {
    if (!channel) return refused(404, 'There is no such endpoint.');
    if (channel.isGone) return refused(410, 'This endpoint has been given back.');
    if (method !== 'POST') return refused(405, 'Messages are delivered by POST.');
    if (!/^\d+$/.test(headers.ttl)) return refused(400, 'TTL must be a number of seconds.');
    if (body.length > BODY_BYTES_MAX) return refused(413, 'The message is too long.');
    if (body.length > 0 && headers['content-encoding'] !== 'aes128gcm') return refused(400, 'It is not encrypted as it must be.');
    const [, token, key] = /^vapid t=([^,\s]+), *k=([\w-]+)$/.exec(headers.authorization) ?? [];
    if (!token) return refused(401, 'There is no VAPID token.');
    if (channel.key && channel.key !== key) return refused(403, 'The endpoint was made with another key.');
    const { payload } = await jwtVerify(token, await publicKey(key), { algorithms: ['ES256'], audience: this.origin });
    if (!(payload.exp <= Date.now() / 1000 + TOKEN_LIFETIME_MAX_S)) return refused(403, 'The token is good for too long.');
    return { status: 201, claims: payload };
  }
}

const refused = (status, reason) => ({ status, reason });

const unpadded = (key) => key?.replace(/=+$/, '');

// Of an uncompressed point on P-256, in base64url.
function publicKey(text) {
  const point = Buffer.from(text, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  return importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256');
}
