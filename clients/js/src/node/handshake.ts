// RFC 6455 section 4.1, the client's side.
import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export interface Handshake {
  url: string;
  protocols: readonly string[];
  /** Certificates (PEM) to trust in place of Node's own. */
  ca: string | Buffer | undefined;
  /** @param early what the server sent right behind its answer */
  onOpened(stream: Duplex, protocol: string, early: Buffer): void;
  onFailed(error: Error): void;
}

export const acceptOf = (key: string): string => createHash('sha1').update(key + GUID).digest('base64');

/** What is wrong with the server's answer, if anything. */
export function refusal(headers: IncomingHttpHeaders, key: string, protocols: readonly string[]): string | undefined {
  const protocol = headers['sec-websocket-protocol'];
  if (headers.upgrade?.toLowerCase() !== 'websocket') return 'Upgrade is not "websocket"';
  if (headers['sec-websocket-accept'] !== acceptOf(key)) return 'Sec-WebSocket-Accept is wrong';
  if (headers['sec-websocket-extensions'] !== undefined) return 'an extension that was not offered';
  if (protocols.length > 0 ? !protocols.includes(protocol ?? '') : protocol !== undefined) return 'no offered subprotocol';
  return undefined;
}

/** Begins the opening handshake; exactly one of the two callbacks follows, unless the request is destroyed. */
export function shake({ url, protocols, ca, onOpened, onFailed }: Handshake): ClientRequest {
  const { protocol: scheme, hostname, port, pathname, search } = new URL(url);
  const key = randomBytes(16).toString('base64');
  const secure = scheme === 'wss:';
  const request = (secure ? httpsRequest : httpRequest)({
    // URL keeps the brackets of an IPv6 address, a socket does not take them.
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port || (secure ? 443 : 80),
    path: pathname + search,
    ...(ca === undefined ? {} : { ca }),
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': key,
      ...(protocols.length > 0 ? { 'sec-websocket-protocol': protocols.join(', ') } : {}),
    },
  });
  request.on('upgrade', (response, stream, early) => {
    const wrong = refusal(response.headers, key, protocols);
    if (wrong === undefined) return onOpened(stream, response.headers['sec-websocket-protocol'] ?? '', early);
    stream.destroy();
    onFailed(new Error(`The server's handshake is not acceptable: ${wrong}.`));
  });
  request.on('response', (response) => {
    response.destroy();
    onFailed(new Error(`The server answered ${response.statusCode} in place of 101.`));
  });
  request.on('error', onFailed);
  request.end();
  return request;
}
