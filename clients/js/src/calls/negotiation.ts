// Perfect negotiation (W3C WebRTC, section 10.7): either side may offer at any time; where two offers cross, the polite side gives
// way. What is lost on the way to the other side is said again by resume().
import type { Signal } from '../core/wire.js';

const plain = ({ type, sdp }: RTCSessionDescriptionInit): RTCSessionDescriptionInit => (sdp === undefined ? { type } : { type, sdp });

function isDescription(value: unknown, ...types: RTCSdpType[]): value is RTCSessionDescriptionInit {
  const { type, sdp } = (value ?? {}) as RTCSessionDescriptionInit;
  return types.includes(type) && typeof sdp === 'string';
}

export class Negotiation {
  /** What was received is worked off one by one. */
  private queue: Promise<void> = Promise.resolve();
  private isOffering = false;
  private isIgnoring = false;
  private isStarted = false;
  /** The browser has asked for an offer before there was somebody to send it to. */
  private isNeeded = false;
  private early: (RTCIceCandidateInit | null)[] = [];

  constructor(
    private readonly pc: RTCPeerConnection,
    private readonly isPolite: boolean,
    private readonly send: (signal: Signal) => void,
    private readonly log: (text: string) => void,
  ) {}

  /** The first offer, which goes with the call. */
  async offer(): Promise<RTCSessionDescriptionInit> {
    await this.pc.setLocalDescription();
    return plain(this.pc.localDescription!);
  }

  /** The answer to the first offer. Rejects when the browser does not take it. */
  async accept(offer: unknown, beforeAnswer: () => void): Promise<RTCSessionDescriptionInit> {
    if (!isDescription(offer, 'offer')) throw new TypeError('There is no offer.');
    await this.pc.setRemoteDescription(offer);
    beforeAnswer();
    await this.pc.setLocalDescription();
    // What was asked for until now is in the answer, or the browser asks again.
    this.isNeeded = false;
    return plain(this.pc.localDescription!);
  }

  /** From now on there is somebody to negotiate with. */
  start() {
    this.isStarted = true;
    if (this.isNeeded && this.pc.signalingState === 'stable') this.negotiate();
  }

  /** The other side's answer to the first offer. Rejects when the browser does not take it. */
  async onAnswer(answer: unknown): Promise<void> {
    if (!isDescription(answer, 'answer')) throw new TypeError('There is no answer.');
    const applied = this.queue.then(() => this.apply(answer));
    this.queue = applied.catch(() => {});
    return applied;
  }

  /** The browser's event. */
  onNeeded() {
    if (this.isStarted) this.negotiate();
    else this.isNeeded = true;
  }

  onSignal(data: unknown) {
    const { description, candidate } = (data ?? {}) as { description?: unknown; candidate?: RTCIceCandidateInit | null };
    const work = isDescription(description, 'offer', 'answer') ? () => this.onDescription(description) : () => this.onCandidate(candidate);
    this.queue = this.queue.then(work).catch((error) => this.log(`A signal of the other side was of no use: ${error}`));
  }

  /** Says once more what has no answer yet; false if all has. */
  resume(): boolean {
    const { localDescription, signalingState } = this.pc;
    if (signalingState !== 'have-local-offer') return false;
    this.send({ description: plain(localDescription!) });
    return true;
  }

  /** Looks for another way to the other side. The browser asks for an offer then. */
  restart() {
    this.pc.restartIce();
  }

  private async negotiate() {
    this.isOffering = true;
    try {
      const description = await this.offer();
      this.send({ description });
    } catch (error) {
      this.log(`An offer could not be made: ${error}`);
    } finally {
      this.isOffering = false;
    }
  }

  private async onDescription(description: RTCSessionDescriptionInit): Promise<void> {
    const { signalingState } = this.pc;
    // Said again by the other side, and answered already.
    if (description.type === 'answer' && signalingState !== 'have-local-offer') return;
    const collides = description.type === 'offer' && (this.isOffering || signalingState !== 'stable');
    this.isIgnoring = collides && !this.isPolite;
    if (this.isIgnoring) return;
    await this.apply(description);
    if (description.type === 'answer') return;
    await this.pc.setLocalDescription();
    this.send({ description: plain(this.pc.localDescription!) });
  }

  private async apply(description: RTCSessionDescriptionInit): Promise<void> {
    await this.pc.setRemoteDescription(description);
    for (const candidate of this.early.splice(0)) await this.onCandidate(candidate);
  }

  private async onCandidate(candidate: RTCIceCandidateInit | null | undefined): Promise<void> {
    if (candidate === undefined) return;
    if (this.pc.remoteDescription === null) return void this.early.push(candidate);
    try {
      await this.pc.addIceCandidate(candidate);
    } catch (error) {
      // Those of an offer that was ignored mean nothing here.
      if (!this.isIgnoring) throw error;
    }
  }
}
