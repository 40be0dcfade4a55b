import { ENDPOINT } from './core/wire.js';
import { invalidParameter } from './errors.js';

const FORM = /^(?:http|ws)(s?):\/\/([^/?#@\s]+)((?:[/?][^#\s]*)?)$/i;

/**
 * The WebSocket address of what the application gave: an origin (the endpoint is added) or a full address; `http` and
 * `https` stand for `ws` and `wss`.
 */
export function toSocketUrl(text: string): string {
  const [matched, secure = '', host = '', path = ''] = FORM.exec(text) ?? [];
  if (matched === undefined) {
    throw invalidParameter('"url" must be http://, https://, ws:// or wss:// with a host, without user name and fragment.');
  }
  return `ws${secure.toLowerCase()}://${host}${path === '' || path === '/' ? ENDPOINT : path}`;
}

/** What is asked for over HTTP is beside the WebSocket's endpoint. @param path from `/v1/` on @param socketUrl from toSocketUrl */
export function toHttpUrl(socketUrl: string, path: string): string {
  const url = new URL(socketUrl.replace(/^ws/, 'http'));
  const prefix = url.pathname.endsWith(ENDPOINT) ? url.pathname.slice(0, -ENDPOINT.length) : '';
  return `${url.origin}${prefix}/v1/${path}`;
}
