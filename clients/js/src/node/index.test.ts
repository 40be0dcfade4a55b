import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Pipit } from './index.js';
import type { PipitOptions } from './index.js';

// As in a Node before 22.
const inherited = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
beforeEach(() => void Reflect.deleteProperty(globalThis, 'WebSocket'));
afterEach(() => {
  if (inherited !== undefined) Object.defineProperty(globalThis, 'WebSocket', inherited);
});

test('without a WebSocket, be it left out or undefined, it takes its own', () => {
  const options: PipitOptions = { url: 'https://example.org', token: 'T' };
  assert.doesNotThrow(() => new Pipit(options));
  assert.doesNotThrow(() => new Pipit({ ...options, WebSocket: undefined } as unknown as PipitOptions));
});
