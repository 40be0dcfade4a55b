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
