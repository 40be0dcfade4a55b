// One RTCPeerConnection with its channels, tracks and listeners, which all end with it.
import type { Signal } from '../core/wire.js';
import { listen } from '../listen.js';
import { CHANNELS_MAX, openChannel } from './channels.js';
import type { Channel } from './channels.js';
import { Negotiation } from './negotiation.js';
import type { RTCCallback, RTCEvent } from './types.js';

const CONNECTION_EVENTS = [
  'track',
  'connectionstatechange',
  'iceconnectionstatechange',
  'icecandidate',
  'icecandidateerror',
  'icegatheringstatechange',
  'negotiationneeded',
  'signalingstatechange',
];
const CHANNEL_EVENTS = ['open', 'message', 'close', 'error', 'bufferedamountlow'];

export interface PeerOptions {
  isPolite: boolean;
  stream: MediaStream;
  send: (signal: Signal) => void;
  onState: () => void;
  /** The application's. */
  callback: RTCCallback;
  /** Takes what that has thrown. */
  report: (error: unknown) => void;
  log: (text: string) => void;
}

export class Peer {
  readonly channels: Record<string, RTCDataChannel> = Object.create(null);
  readonly negotiation: Negotiation;
  private readonly ends: (() => void)[] = [];
  /** End listening to each channel. */
  private readonly deafens = new Map<RTCDataChannel, () => void>();
  private isClosed = false;

  constructor(
    readonly pc: RTCPeerConnection,
    private readonly options: PeerOptions,
  ) {
    this.negotiation = new Negotiation(pc, options.isPolite, options.send, options.log);
    for (const type of CONNECTION_EVENTS) this.ends.push(listen(pc, type, (event) => this.onEvent(event)));
    this.ends.push(listen(pc, 'datachannel', (event) => this.add((event as RTCDataChannelEvent).channel)));
  }

  addTracks() {
    const { stream } = this.options;
    for (const track of stream.getTracks()) this.pc.addTrack(track, stream);
  }

  /** Opens the channels of the call that are not open yet; each has its place in the list as its number. */
  openChannels(channels: Channel[]) {
    channels.forEach((channel, id) => {
      if (!(channel.protocol in this.channels)) this.add(openChannel(this.pc, channel, id));
    });
  }

  /** The same in band, for a side that does not know of the numbers. Those that are open go, before anything was to be heard of them. */
  announceChannels(channels: Channel[]) {
    for (const [protocol, channel] of Object.entries(this.channels)) {
      // Not every browser tells that they have closed.
      this.deafens.get(channel)!();
      delete this.channels[protocol];
      channel.close();
    }
    for (const channel of channels) this.add(openChannel(this.pc, channel));
  }

  /** The callback still hears that the channels have closed, and nothing else. */
  close() {
    this.isClosed = true;
    for (const end of this.ends.splice(0)) end();
    this.pc.close();
  }

  private add(channel: RTCDataChannel) {
    const protocol = channel.protocol || channel.label;
    // The other side may open what it likes in a connection, and there can be only one of a name.
    if (protocol in this.channels || Object.keys(this.channels).length >= CHANNELS_MAX) return channel.close();
    this.channels[protocol] = channel;
    const onEvent = (event: Event) => {
      if (!this.isClosed || event.type === 'close') this.callOut(event as RTCEvent);
      if (event.type === 'close') deafen();
    };
    const ends = CHANNEL_EVENTS.map((type) => listen(channel, type, onEvent));
    const deafen = () => ends.forEach((end) => end());
    this.deafens.set(channel, deafen);
  }

  private onEvent(event: Event) {
    const { onState } = this.options;
    if (event.type === 'icecandidate') {
      const { candidate } = event as RTCPeerConnectionIceEvent;
      this.negotiation.onFound(candidate);
      if (candidate === null) return this.callOut({ type: 'icecandidateend', target: this.pc });
    }
    if (event.type === 'negotiationneeded') this.negotiation.onNeeded();
    this.callOut(event as RTCEvent);
    if (event.type === 'iceconnectionstatechange' || event.type === 'connectionstatechange') onState();
  }

  private callOut(event: RTCEvent) {
    try {
      this.options.callback(event);
    } catch (error) {
      this.options.report(error);
    }
  }
}
