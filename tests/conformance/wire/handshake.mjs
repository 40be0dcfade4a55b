// RFC 6455 section 4: the opening handshake, from the client's side.
import { createHash } from 'node:crypto';

const acceptGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export const acceptFor = (key) => createHash('sha1').update(key + acceptGuid).digest('base64');

export function upgradeRequest({ host, path, key, offers }) {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    ...(offers.length > 0 ? [`Sec-WebSocket-Extensions: ${offers.join(', ')}`] : []),
    '\r\n',
  ].join('\r\n');
}

// Checks what section 4.1 makes the client check and returns the value of Sec-WebSocket-Extensions ('' when absent).
// `head` is the response up to and without its empty line. Throws an Error that names what is wrong.
export function checkUpgradeResponse(head, key) {
  const [statusLine, ...lines] = head.split('\r\n');
  if (!/^HTTP\/1\.1 101(?: |$)/.test(statusLine)) throw new Error(`the answer "${statusLine}" to the upgrade`);
  const headers = new Map();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`the header line "${line}"`);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  const tokens = (name) => (headers.get(name) ?? '').toLowerCase().split(',').map((token) => token.trim());
  if (!tokens('upgrade').includes('websocket')) throw new Error('an upgrade answer without "Upgrade: websocket"');
  if (!tokens('connection').includes('upgrade')) throw new Error('an upgrade answer without "Connection: Upgrade"');
  if (headers.get('sec-websocket-accept') !== acceptFor(key)) throw new Error('a wrong Sec-WebSocket-Accept');
  if (headers.has('sec-websocket-protocol')) throw new Error('a subprotocol nobody asked for');
  return headers.get('sec-websocket-extensions') ?? '';
}
