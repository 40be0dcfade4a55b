// A browser that has subscribed at a PushService, and what it makes of the messages for it: http_ece decrypts them.
import { createECDH, randomBytes } from 'node:crypto';
import ece from 'http_ece';

export class Browser {
  #service;
  #path = `/p/${randomBytes(16).toString('base64url')}`;
  #ecdh = createECDH('prime256v1');
  #auth = randomBytes(16);

  // `answers`: how the service answers the messages for it (PushService.script). `origin`: where else it is.
  constructor(service, { answers = ['/status/201'], origin = service.origin } = {}) {
    this.#service = service;
    service.script?.(this.#path, answers);
    const p256dh = this.#ecdh.generateKeys().toString('base64url');
    this.subscription = { endpoint: origin + this.#path, keys: { p256dh, auth: this.#auth.toString('base64url') } };
  }

  // What nobody may find in a log.
  get secrets() {
    const { p256dh, auth } = this.subscription.keys;
    return [this.#path, p256dh, auth];
  }

  get path() {
    return this.#path;
  }

  // Everything that came for it so far, in order: the request with its `notification`.
  get received() {
    const requests = this.#service.requestsFor(this.#path);
    return requests.map((request) => ({ ...request, notification: this.read(request.body) }));
  }

  // Resolves with the first `count` of them once they are there.
  has(count, ms) {
    const look = () => (this.#service.requestsFor(this.#path).length >= count ? this.received : undefined);
    return this.#service.until(look, `${count} messages for a browser`, ms);
  }

  // A message as it was before it was encrypted.
  read(body) {
    const options = { version: 'aes128gcm', privateKey: this.#ecdh, authSecret: this.subscription.keys.auth };
    return JSON.parse(ece.decrypt(body, options).toString());
  }
}
