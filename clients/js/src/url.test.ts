import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipitError } from './errors.js';
import { toHttpUrl, toSocketUrl } from './url.js';

for (const text of ['', 'example.org', '//example.org', 'ftp://example.org', 'wss://', 'https://ann:secret@example.org', 'wss://example.org/#a', 'null']) {
  test(`refuses the address ${JSON.stringify(text)}`, () => {
    assert.throws(() => toSocketUrl(text), (error) => error instanceof PipitError && error.code === 'INVALID_PARAMETER');
  });
}

for (const [text, url] of [
  ['https://example.org', 'wss://example.org/v1/realtime'],
  ['http://example.org:8080/', 'ws://example.org:8080/v1/realtime'],
  ['HTTPS://Example.org', 'wss://Example.org/v1/realtime'],
  ['ws://[::1]:8080', 'ws://[::1]:8080/v1/realtime'],
  ['wss://example.org/pipit/v1/realtime?shard=2', 'wss://example.org/pipit/v1/realtime?shard=2'],
] as const) {
  test(`${text} means ${url}`, () => assert.equal(toSocketUrl(text), url));
}

for (const [socket, url] of [
  ['ws://[::1]:8080/v1/realtime', 'http://[::1]:8080/v1/groups'],
  ['wss://example.org/pipit/v1/realtime?shard=2', 'https://example.org/pipit/v1/groups'],
  ['wss://example.org/sockets', 'https://example.org/v1/groups'],
] as const) {
  test(`beside ${socket} groups are asked for at ${url}`, () => assert.equal(toHttpUrl(socket, 'groups'), url));
}
