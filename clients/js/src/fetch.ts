import type { HttpFetch } from './link.js';

export const fetchAnswer: HttpFetch = async (url, options) => {
  const answer = await fetch(url, { ...options, cache: 'no-store', credentials: 'omit' });
  return { status: answer.status, text: await answer.text() };
};
