// As much of a browser's WebRTC as calls use: descriptions are numbers, and two connections reach each other when the test says so.

/** Counts who listens, so that a test can see that nobody is left. */
class Counted extends EventTarget {
  listeners = 0;

  override addEventListener(...parameters: Parameters<EventTarget['addEventListener']>) {
    this.listeners += 1;
    super.addEventListener(...parameters);
  }

  override removeEventListener(...parameters: Parameters<EventTarget['removeEventListener']>) {
    this.listeners -= 1;
    super.removeEventListener(...parameters);
  }

  emit(type: string, members: object = {}) {
    this.dispatchEvent(Object.assign(new Event(type), members));
  }
}

export class FakeChannel extends Counted {
  readyState = 'connecting';

  constructor(
    readonly label: string,
    readonly options: RTCDataChannelInit = {},
  ) {
    super();
  }

  get protocol() {
    return this.options.protocol ?? '';
  }

  close() {
    this.readyState = 'closed';
    queueMicrotask(() => this.emit('close'));
  }
}

export class FakeTrack {
  readyState = 'live';

  stop() {
    this.readyState = 'ended';
  }
}

export class FakeStream {
  constructor(readonly tracks: FakeTrack[] = []) {}

  getTracks() {
    return [...this.tracks];
  }
}

let descriptions = 0;

export class FakeConnection extends Counted {
  signalingState: RTCSignalingState = 'stable';
  iceConnectionState: RTCIceConnectionState = 'new';
  connectionState: RTCPeerConnectionState = 'new';
  localDescription: RTCSessionDescriptionInit | null = null;
  remoteDescription: RTCSessionDescriptionInit | null = null;
  readonly channels: FakeChannel[] = [];
  readonly tracks: unknown[] = [];
  readonly candidates: unknown[] = [];
  restarts = 0;
  private isNeeded = false;
  private isTakenBack = false;

  constructor(public config: RTCConfiguration) {
    super();
    if (JSON.stringify(config).includes('bogus')) throw new SyntaxError('bogus is no url');
  }

  createDataChannel(label: string, options: RTCDataChannelInit) {
    const channel = new FakeChannel(label, options);
    this.channels.push(channel);
    if (this.channels.length === 1) this.need();
    return channel;
  }

  addTrack(track: unknown) {
    this.tracks.push(track);
    this.need();
  }

  restartIce() {
    this.restarts += 1;
    this.need();
  }

  setLocalDescription() {
    return this.work(() => {
      const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
      this.localDescription = { type, sdp: this.describe(type) };
      // What was to be offered is in an answer as well, but for what an offer that was taken back was about.
      this.isNeeded = type === 'answer' && this.isTakenBack;
      this.isTakenBack = false;
      this.become(type === 'offer' ? 'have-local-offer' : 'stable');
    });
  }

  setRemoteDescription(description: RTCSessionDescriptionInit) {
    return this.work(() => {
      if (description.sdp?.includes('spoilt')) throw new TypeError('The description is spoilt.');
      if (description.type === 'answer' && this.signalingState !== 'have-local-offer') throw new Error('InvalidStateError');
      this.isTakenBack = description.type === 'offer' && this.signalingState === 'have-local-offer';
      this.remoteDescription = description;
      this.become(description.type === 'offer' ? 'have-remote-offer' : 'stable');
    });
  }

  async addIceCandidate(candidate: unknown) {
    if (this.remoteDescription === null) throw new Error('InvalidStateError');
    if (JSON.stringify(candidate)?.includes('spoilt')) throw new Error('The candidate is spoilt.');
    this.candidates.push(candidate);
  }

  setConfiguration(config: RTCConfiguration) {
    this.config = config;
  }

  close() {
    this.signalingState = 'closed';
    for (const channel of this.channels) channel.close();
  }

  /** A candidate of this side is found; null: all are. */
  find(candidate: string | null) {
    this.emit('icecandidate', { candidate: candidate === null ? null : { toJSON: () => ({ candidate }) } });
  }

  /** The way to the other side is in this state now. */
  reach(state: RTCIceConnectionState) {
    this.iceConnectionState = state;
    this.emit('iceconnectionstatechange');
  }

  protected describe(type: RTCSdpType): string {
    return `${type} ${++descriptions}`;
  }

  private need() {
    this.isNeeded = true;
    if (this.signalingState === 'stable') this.askSoon();
  }

  private askSoon() {
    queueMicrotask(() => {
      if (this.isNeeded && this.signalingState === 'stable') this.emit('negotiationneeded');
    });
  }

  private become(state: RTCSignalingState) {
    this.signalingState = state;
    if (state === 'stable' && this.isNeeded) this.askSoon();
  }

  /** What is asked of a closed connection is refused; what was asked before it was closed is never answered. */
  private async work(deed: () => void) {
    if (this.isClosed()) throw new Error('InvalidStateError');
    await undefined;
    if (this.isClosed()) await new Promise(() => {});
    deed();
  }

  private isClosed() {
    return this.signalingState === 'closed';
  }
}
