import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeStream, FakeTrack } from '../testing/rtc.js';
import type { MediaSource } from './around.js';
import { checkMedia, takeMedia } from './media.js';

for (const [name, media, message] of [
  ['a text', 'video', /^"media" must be an object/],
  ['an unknown member', { screen: true }, /^"screen" is no member of "media". Allowed: video, audio/],
  ['video as a number', { video: 1 }, /^"video" and "audio" of "media"/],
  ['audio as null', { audio: null }, /^"video" and "audio" of "media"/],
] as const) {
  test(`refuses ${name} for media`, () => {
    assert.throws(() => checkMedia(media), { code: 'INVALID_PARAMETER', message });
  });
}

function source(capture: MediaSource['capture'] | (() => Promise<unknown>)): MediaSource {
  return { capture, emptyStream: () => new FakeStream() } as unknown as MediaSource;
}

for (const [name, code, reason] of [
  ['NotFoundError', 'DEVICE_NOT_FOUND', 'device_not_found'],
  ['OverconstrainedError', 'DEVICE_NOT_FOUND', 'device_not_found'],
  ['NotAllowedError', 'INVALID_REQUEST', 'device_not_allowed'],
  ['NotReadableError', 'ERROR', 'device_in_use'],
  ['TypeError', 'ERROR', 'device_failed'],
] as const) {
  test(`a browser's ${name} is ${code}, ${reason}`, async () => {
    const failing = source(() => Promise.reject(Object.assign(new Error('no'), { name })));
    await assert.rejects(takeMedia(checkMedia({ audio: true }), failing), { code, reason });
  });
}

test('a missing device is told in the words of the contract', async () => {
  const failing = source(() => Promise.reject(Object.assign(new Error('no'), { name: 'NotFoundError' })));
  await assert.rejects(takeMedia(checkMedia({ video: true }), failing), { message: 'Requested media device not found.' });
});

test('a page that may not ask for a camera is told so', async () => {
  await assert.rejects(takeMedia(checkMedia({ video: true }), source(undefined)), { code: 'INVALID_REQUEST', reason: 'insecure_page' });
});

test('nothing is asked for where nothing is to be sent', async () => {
  const never = source(() => assert.fail('asked'));
  for (const media of [undefined, null, {}, { video: false, audio: false }]) {
    assert.deepEqual((await takeMedia(checkMedia(media), never)).stream.getTracks(), []);
  }
});

test('what was captured is switched off at the end, and what the application gave is left as it is', async () => {
  const [captured, given, later] = [new FakeTrack(), new FakeTrack(), new FakeTrack()];
  const camera = await takeMedia(checkMedia({ video: { width: 640 } }), source(async () => new FakeStream([captured])));
  (camera.stream as unknown as FakeStream).tracks.push(later);
  camera.release();
  const own = await takeMedia(checkMedia(new FakeStream([given])), source(undefined));
  own.release();
  assert.deepEqual([captured, given, later].map(({ readyState }) => readyState), ['ended', 'live', 'live']);
});
