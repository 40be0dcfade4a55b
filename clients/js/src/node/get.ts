import { get as getHttps } from 'node:https';
import { fetchGet } from '../http.js';
import type { HttpGet } from '../http.js';

/** With certificates (PEM) to trust over https, which `fetch` cannot be told. */
export function getTrusting(ca: string | Buffer): HttpGet {
  return (url, token, signal) => {
    if (url.startsWith('http:')) return fetchGet(url, token, signal);
    return new Promise((resolve, reject) => {
      const request = getHttps(url, { ca, signal, headers: { authorization: `Bearer ${token}` } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
        answer.on('error', reject);
      });
      request.on('error', reject);
    });
  };
}
