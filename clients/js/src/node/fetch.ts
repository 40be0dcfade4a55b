import { request as requestHttps } from 'node:https';
import { fetchAnswer } from '../fetch.js';
import type { HttpFetch } from '../link.js';

/** With certificates (PEM) to trust over https, which `fetch` cannot be told. */
export function fetchTrusting(ca: string | Buffer): HttpFetch {
  return (url, options) => {
    if (url.startsWith('http:')) return fetchAnswer(url, options);
    const { body, ...others } = options;
    return new Promise((resolve, reject) => {
      const request = requestHttps(url, { ca, ...others }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
        answer.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  };
}
