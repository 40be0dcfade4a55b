import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkChannels, joined } from './channels.js';

const refusals: [string, unknown, RegExp][] = [
  ['a list that is none', 'gaming', /^"channels" must be an array/],
  ['an unknown preset', ['chess'], /^"chess" is no preset of "channels". Allowed: text-chat, video-chat, voice-chat, gaming, file-transfer/],
  ['a preset of every object', ['constructor'], /^"constructor" is no preset/],
  ['a number', [7], /^A channel must be the name of a preset or an object/],
  ['an array in the list', [[]], /^A channel must be/],
  ['an unknown member', [{ label: 'x' }], /^"label" is no member of a channel. Allowed: ordered, maxPacketLifeTime, maxRetransmits, protocol/],
  ['an empty protocol', [{ protocol: '' }], /^"protocol" of a channel must be a string of 1 to 255 bytes/],
  ['a protocol of 256 bytes', [{ protocol: 'é'.repeat(128) }], /^"protocol"/],
  ['ordered as text', [{ ordered: 'true' }], /^"ordered" of a channel must be true or false/],
  ['a lifetime that is negative', [{ maxPacketLifeTime: -1 }], /^"maxPacketLifeTime" of a channel must be a whole number from 0 to 65535/],
  ['retransmits that are no whole number', [{ maxRetransmits: 0.5 }], /^"maxRetransmits"/],
  ['retransmits that no channel can have', [{ maxRetransmits: 65_536 }], /^"maxRetransmits"/],
  ['both limits at once', [{ maxRetransmits: 1, maxPacketLifeTime: 1 }], /not both/],
  ['65 channels', Array.from({ length: 65 }, (_, index) => ({ protocol: `p${index}` })), /^"channels" has 65 channels; at most 64/],
];
for (const [name, channels, message] of refusals) {
  test(`refuses ${name}`, () => {
    assert.throws(() => checkChannels(channels), { code: 'INVALID_PARAMETER', message });
  });
}

test('refuses a second channel of the same protocol with the words of the contract', () => {
  const twice = { code: 'INVALID_REQUEST', message: 'Data channel with the protocol "gaming$" already exists.' };
  assert.throws(() => checkChannels(['gaming', { protocol: 'gaming' }]), twice);
  assert.throws(() => checkChannels([{}, {}]), { message: 'Data channel with the protocol "default$" already exists.' });
});

test('a channel is reliable and ordered unless said otherwise', () => {
  assert.deepEqual(checkChannels([{}, { protocol: 'x', ordered: false, maxRetransmits: 0 }]), [
    { protocol: 'default', ordered: true },
    { protocol: 'x', ordered: false, maxRetransmits: 0 },
  ]);
});

test('presets lose what may be lost, and nothing of a file', () => {
  assert.deepEqual(checkChannels(['text-chat', 'video-chat', 'voice-chat', 'gaming', 'file-transfer']), [
    { protocol: 'text-chat', ordered: true, maxRetransmits: 10 },
    { protocol: 'video-chat', ordered: true, maxRetransmits: 10 },
    { protocol: 'voice-chat', ordered: true, maxRetransmits: 10 },
    { protocol: 'gaming', ordered: false, maxPacketLifeTime: 100 },
    { protocol: 'file-transfer', ordered: true },
  ]);
});

test('what the other side wants on top comes behind, and for one that both have the caller decides', () => {
  const offered = checkChannels(['gaming', {}]);
  const wanted = checkChannels([{ protocol: 'gaming', ordered: true }, 'text-chat']);
  assert.deepEqual(joined(offered, wanted), [...offered, ...checkChannels(['text-chat'])]);
  const many = Array.from({ length: 64 }, (_, index) => ({ protocol: `p${index}`, ordered: true }));
  assert.throws(() => joined(many, wanted), { message: /at most 64/ });
});
