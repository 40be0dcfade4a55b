// Perfect negotiation (W3C WebRTC, section 10.7): either side may offer at any time; where two offers cross, the polite side gives
// way. What is lost on the way to the other side is said again by resume().
import type { Signal } from '../core/wire.js';

const plain = ({ type, sdp }: RTCSessionDescriptionInit): RTCSessionDescriptionInit => (sdp === undefined ? { type } : { type, sdp });

/** What a description says there, if it does. */
const read = (pattern: RegExp, description: RTCSessionDescriptionInit | null) => pattern.exec(description?.sdp ?? '')?.[1];

/** The part of this side in DTLS that both have agreed on. */
function dtlsRole({ localDescription, remoteDescription }: RTCPeerConnection): string {
  const isOurs = localDescription?.type === 'answer';
  const role = read(/setup:(active|passive)/, isOurs ? localDescription : remoteDescription);
  if (!role) return 'actpass';
  return isOurs ? role : role === 'active' ? 'passive' : 'active';
}

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
  /** The last offer of this side, as it was sent; undefined while one is being made. */
  private offered: RTCSessionDescriptionInit | undefined;
  /** Candidates that the other side hears of once it has answered. */
  private held: (RTCIceCandidate | null)[] = [];
  /** Lets an offer that waits for a candidate look at this one; null: there comes none any more. */
  private look: ((candidate: RTCIceCandidate | null) => void) | undefined;

  constructor(
    private readonly pc: RTCPeerConnection,
    private readonly isPolite: boolean,
    private readonly send: (signal: Signal) => void,
    private readonly log: (text: string) => void,
  ) {}

  /**
   * What is to be sent; the first one goes with the call. The parts in DTLS stay as they are: of an offer that leaves the choice
   * Firefox takes the other one as soon as another way is looked for, which Chromium does not allow.
   *
   * An offer of another way has a candidate, if any is found: Chromium keeps the old ones until it has heard of a new one, and tries
   * them on the new way. Where a Firefox answers that has not left its old way yet, the two stay there for good, and it hears nothing.
   */
  async offer(): Promise<RTCSessionDescriptionInit> {
    const { pc } = this;
    this.offered = undefined;
    const role = dtlsRole(pc);
    const way = read(/ice-ufrag:(\S+)/, pc.localDescription);
    // The part whose way all others take, too; candidates of those are passed over.
    const mid = read(/BUNDLE (\S+)/, pc.localDescription);
    const found = new Promise<void>((resolve) => {
      this.look = (candidate) => (candidate?.sdpMid ?? mid) === mid && resolve();
    });
    await pc.setLocalDescription();
    if (way && !pc.localDescription!.sdp.includes(way)) await found;
    const { type, sdp } = pc.localDescription!;
    return (this.offered = plain({ type, sdp: sdp?.replace(/setup:actpass/g, `setup:${role}`) }));
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

  /**
   * The browser's event, null at the end. Where there is a way already, the other side is told only once its answer is here: its
   * first packets over the new way would else come before the answer that names it. Chromium then stays with an old address of a
   * Firefox that does not listen there any more, for good, and both say that they are connected.
   */
  onFound(candidate: RTCIceCandidate | null) {
    this.held.push(candidate);
    if (this.pc.signalingState !== 'have-local-offer' || this.pc.remoteDescription === null) this.release();
    this.look?.(candidate);
  }

  onSignal(data: unknown) {
    const { description, candidate } = (data ?? {}) as { description?: unknown; candidate?: RTCIceCandidateInit | null };
    const work = isDescription(description, 'offer', 'answer') ? () => this.onDescription(description) : () => this.onCandidate(candidate);
    this.queue = this.queue.then(work).catch((error) => this.log(`A signal of the other side was of no use: ${error}`));
  }

  /** Says once more what has no answer yet; false if all has. */
  resume(): boolean {
    if (this.pc.signalingState !== 'have-local-offer') return false;
    if (this.offered) this.send({ description: this.offered });
    return true;
  }

  /** Looks for another way to the other side. The browser asks for an offer then. */
  restart() {
    this.pc.restartIce();
  }

  private async negotiate() {
    this.isOffering = true;
    try {
      await this.offer();
      this.resume();
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
    // If an offer waits, it was taken back, and is asked for again.
    this.look?.(null);
    if (description.type === 'offer') {
      await this.pc.setLocalDescription();
      this.send({ description: plain(this.pc.localDescription!) });
    }
    this.release();
  }

  /** Says the candidates that are held back, but for those of an offer that was taken back. */
  private release() {
    const { sdp } = this.pc.localDescription!;
    for (const candidate of this.held.splice(0)) {
      if (sdp.includes(candidate?.usernameFragment ?? '')) this.send({ candidate: candidate && candidate.toJSON() });
    }
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
