// The data channels of a call. Both sides make them all before they connect, each under a number that both know
// (`negotiated`), so that all are there, with the application's listeners, before the first message can come; channels that the
// other side announces only once connected would come in any order, and with messages that nobody listens to yet. A side that
// knows nothing of that (`in_band`) announces its channels all the same, and is told of ours in the same way.
import { Refusal, invalidParameter } from './refusals.js';
import type { RTCChannelOptions } from './types.js';

/** The least that browsers offer is 256 streams. */
export const CHANNELS_MAX = 64;
const PROTOCOL_BYTES_MAX = 255;
/** What either number may be in a data channel, an unsigned 16-bit number. */
const UINT16_MAX = 65_535;

/** A channel as both sides make it: its number is its place in the list. */
export type Channel = RTCChannelOptions & { protocol: string };

const CHAT = { ordered: true, maxRetransmits: 10 };

const PRESETS = new Map<string, Omit<Channel, 'protocol'>>([
  ['text-chat', CHAT],
  ['video-chat', CHAT],
  ['voice-chat', CHAT],
  ['gaming', { ordered: false, maxPacketLifeTime: 100 }],
  ['file-transfer', { ordered: true }],
]);

const MEMBERS = ['ordered', 'maxPacketLifeTime', 'maxRetransmits', 'protocol'];

function fromPreset(name: string): Channel {
  const preset = PRESETS.get(name);
  if (preset === undefined) {
    throw invalidParameter(`"${name}" is no preset of "channels". Allowed: ${[...PRESETS.keys()].join(', ')}, or an object.`);
  }
  return { ...preset, protocol: name };
}

function fromOptions(options: Record<string, unknown>): Channel {
  for (const name of Object.keys(options)) {
    if (!MEMBERS.includes(name)) throw invalidParameter(`"${name}" is no member of a channel. Allowed: ${MEMBERS.join(', ')}.`);
  }
  const { protocol = 'default', ordered = true, maxPacketLifeTime, maxRetransmits } = options;
  if (typeof protocol !== 'string' || protocol === '' || new TextEncoder().encode(protocol).length > PROTOCOL_BYTES_MAX) {
    throw invalidParameter(`"protocol" of a channel must be a string of 1 to ${PROTOCOL_BYTES_MAX} bytes.`);
  }
  if (typeof ordered !== 'boolean') throw invalidParameter('"ordered" of a channel must be true or false.');
  const channel: Channel = { protocol, ordered };
  for (const [name, value] of Object.entries({ maxPacketLifeTime, maxRetransmits })) {
    if (value === undefined || value === null) continue;
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > UINT16_MAX) {
      throw invalidParameter(`"${name}" of a channel must be a whole number from 0 to ${UINT16_MAX}.`);
    }
    Object.assign(channel, { [name]: value });
  }
  if (channel.maxPacketLifeTime !== undefined && channel.maxRetransmits !== undefined) {
    throw invalidParameter('A channel can have one of "maxPacketLifeTime" and "maxRetransmits", not both.');
  }
  return channel;
}

/** What an application, or the other side, has listed. Throws a Refusal. */
export function checkChannels(channels: unknown): Channel[] {
  if (!Array.isArray(channels)) throw invalidParameter('"channels" must be an array of presets and objects.');
  if (channels.length > CHANNELS_MAX) throw invalidParameter(`"channels" has ${channels.length} channels; at most ${CHANNELS_MAX} are allowed.`);
  const checked: Channel[] = [];
  for (const channel of channels) {
    const isObject = typeof channel === 'object' && channel !== null && !Array.isArray(channel);
    if (!isObject && typeof channel !== 'string') throw invalidParameter('A channel must be the name of a preset or an object.');
    const made = isObject ? fromOptions(channel) : fromPreset(channel);
    if (checked.some(({ protocol }) => protocol === made.protocol)) {
      throw new Refusal('INVALID_REQUEST', 'channel_exists', `Data channel with the protocol "${made.protocol}$" already exists.`);
    }
    checked.push(made);
  }
  return checked;
}

/** The caller's channels, and behind them those that only the other side wants. Throws a Refusal when they are too many. */
export function joined(offered: Channel[], wanted: Channel[]): Channel[] {
  const added = wanted.filter(({ protocol }) => !offered.some((channel) => channel.protocol === protocol));
  return checkChannels([...offered, ...added]);
}

/** @param id the number that both sides know; without, the browsers find one and tell the other side of the channel */
export function openChannel(pc: RTCPeerConnection, { protocol, ...options }: Channel, id?: number): RTCDataChannel {
  return pc.createDataChannel(protocol, { ...options, protocol, ...(id === undefined ? {} : { negotiated: true, id }) });
}
