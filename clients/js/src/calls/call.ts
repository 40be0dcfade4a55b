// One call, from the wish to call or the first ring to the end of it.
import type { CallData, Signal } from '../core/wire.js';
import { checkChannels, joined } from './channels.js';
import type { Desk, EventOf, Ring } from './desk.js';
import { Health } from './health.js';
import { takeMedia } from './media.js';
import type { LocalMedia } from './media.js';
import type { Callee, Wishes } from './params.js';
import { Peer } from './peer.js';
import type { Failure } from './refusals.js';
import { invalidParameter, invalidRequest, noWebRTC, notConnected, over, overText, toError } from './refusals.js';
import type { RTCConnector, RTCResolved } from './types.js';

/**
 *   placing ──call──> calling ──ok──> ringing ──accepted──> active ──> over
 *                        incoming ──accept──> accepting ──ok──^
 *
 * `over` can follow on each. One that was placed goes to `accepting` when the other side calls at the same time.
 */
type State = 'placing' | 'calling' | 'ringing' | 'incoming' | 'accepting' | 'active' | 'over';

export class Call {
  state: State;
  id: string | undefined;
  user: string | null = null;
  cid: string | null = null;
  /** Has the call on instead, so that the application's functions still reach it. */
  private successor: Call | undefined;
  private wishes: Wishes | undefined;
  private config: RTCConfiguration = {};
  private local: LocalMedia | undefined;
  private peer: Peer | undefined;
  private health: Health | undefined;
  private endUseOfIce = () => {};
  /** What cannot be sent yet. */
  private waiting: Signal[] | undefined = [];
  /** With which this side takes its part in the call again. */
  private ticket = '';
  private overReason = '';
  private isTold: boolean;
  private resolve!: (resolved: RTCResolved) => void;
  private reject!: (error: unknown) => void;
  private readonly connection = new Promise<RTCResolved>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  /** @param to the one to be called; without, it is the ring that came */
  constructor(
    private readonly desk: Desk,
    readonly to: Callee | undefined,
    public ring?: Ring,
  ) {
    this.state = ring ? 'incoming' : 'placing';
    this.isTold = ring !== undefined;
    if (to && 'user' in to) this.user = to.user;
    if (to && 'cid' in to) this.cid = to.cid;
    if (ring) this.hasRing(ring);
    // An application need not look at it.
    this.connection.catch(() => {});
  }

  /** Whether it would call the one who rings. */
  calls({ user, cid }: Pick<Ring, 'user' | 'cid'>): boolean {
    if (!this.to || !['placing', 'calling', 'ringing'].includes(this.state)) return false;
    return 'user' in this.to ? this.to.user === user : this.to.cid === cid;
  }

  /** Somebody calls, and this side is not in the call yet. */
  get isRinging(): boolean {
    return this.state === 'incoming' || this.state === 'accepting';
  }

  // Calling

  /**
   * Rejects when no call comes about; nothing is left of it then. What a connection was asked for that is closed meanwhile is
   * never answered, so the end of the call is waited for as well, here and in accept().
   */
  async place(wishes: Wishes): Promise<RTCConnector> {
    try {
      await this.prepare(wishes);
      const twin = this.desk.takeTwin(this);
      if (twin) this.adopt(twin);
      else await Promise.race([this.dial(wishes), this.connection]);
      return { hangup: () => this.hangup(), connection: this.connection };
    } catch (error) {
      this.end('failed', error);
      throw error;
    }
  }

  private async dial({ channels }: Wishes): Promise<void> {
    const peer = this.makePeer(false);
    peer.addTracks();
    peer.openChannels(channels);
    const description = await peer.negotiation.offer();
    this.checkGoesOn();
    this.state = 'calling';
    // What is said of the call may come right behind the answer, so nothing here waits for a later turn.
    await new Promise<void>((resolve, reject) => {
      const answered = (id: string | undefined, error?: Failure) => {
        if (this.state === 'over') {
          if (id) this.desk.command('hangup', { call: id });
          return reject(over(this.overReason));
        }
        this.id = id;
        const twin = this.desk.takeTwin(this);
        if (twin) this.adopt(twin);
        else if (error) return reject(error);
        else this.rings();
        resolve();
      };
      const data = { description, channels };
      const called = (ok: { call: string }) => answered(ok.call);
      this.desk.command('call', { to: this.to, data }, called, (error) => answered(undefined, error), this.goesOn);
    });
  }

  private rings() {
    this.state = 'ringing';
    this.isTold = true;
    this.sendWaiting();
  }

  /** Answers the ring of the one whom this calls, in place of its own. */
  adopt(ring: Ring) {
    if (this.id) this.desk.command('hangup', { call: this.id });
    this.hasRing(ring);
    this.state = 'accepting';
    this.isTold = true;
    this.dropPeer();
    this.answer().then(this.resolve, (error) => this.fail(error));
  }

  onAccepted({ user, cid, ticket, data }: EventOf<'accepted'>) {
    if (this.state !== 'ringing') return;
    this.knows({ user, cid });
    const peer = this.peer!;
    this.begin(ticket);
    this.connect(peer, (data ?? {}) as CallData).then(
      () => this.state === 'active' && this.resolve(this.resolved(peer)),
      (error) => this.fail(error),
    );
  }

  private async connect(peer: Peer, { description, channels, in_band }: CallData): Promise<void> {
    const all = joined(this.wishes!.channels, checkChannels(channels ?? []));
    if (in_band === true) peer.announceChannels(all);
    else peer.openChannels(all);
    await peer.negotiation.onAnswer(description);
  }

  // Being called

  /** Rejects without accepting when it cannot be done as wished; then it still rings, and may be accepted otherwise. */
  async accept(wishes: Wishes): Promise<RTCResolved> {
    if (this.successor || this.state === 'accepting' || this.state === 'active') {
      throw invalidRequest('accepted_already', 'The call has been accepted already.');
    }
    this.checkGoesOn();
    this.state = 'accepting';
    try {
      await this.prepare(wishes);
      return await Promise.race([this.answer(), this.connection]);
    } catch (error) {
      this.checkGoesOn();
      this.state = 'incoming';
      this.dropPeer();
      this.releaseMedia();
      throw error;
    }
  }

  private async answer(): Promise<RTCResolved> {
    const { description, channels, in_band } = (this.ring!.data ?? {}) as CallData;
    const offered = checkChannels(channels ?? []);
    // Which ones the caller announces in band is not known yet, and a second one of a name would do away with the caller's.
    const all = in_band === true ? [] : joined(offered, this.wishes!.channels);
    const peer = this.makePeer(true);
    peer.openChannels(all);
    const answer = await peer.negotiation.accept(description, () => peer.addTracks());
    this.checkGoesOn();
    const data = { description: answer, channels: all.slice(offered.length) };
    await new Promise<void>((resolve, reject) => {
      const accepted = ({ ticket }: { ticket: string }) => {
        if (this.state === 'accepting') this.begin(ticket);
        resolve();
      };
      const refused = (error: Failure) => {
        if (error.reason === 'not_in_call') this.end('answered_elsewhere');
        reject(error);
      };
      this.desk.command('accept', { call: this.id, data }, accepted, refused, this.goesOn);
    });
    this.checkGoesOn();
    return this.resolved(peer);
  }

  // Talking

  onSignal(data: unknown) {
    this.peer?.negotiation.onSignal(data);
  }

  onPeer(event: EventOf<'peer'>) {
    if (this.state !== 'active') return;
    if (event.state === 'here') this.knows(event);
    this.health!.onPeer(event.state !== 'here');
    if (event.state === 'here') this.comeTogether();
  }

  /** The network is another one. */
  restart() {
    if (this.state === 'active') this.peer!.negotiation.restart();
  }

  /** The connection to the server is lost: what rings ends, what talks goes on. */
  onLost() {
    if (this.state === 'ringing' || this.isRinging) this.end('lost');
  }

  /** There is a connection to the server again. */
  onOpened() {
    if (this.state !== 'active') return;
    const done = ({ peer }: { peer: { user: string; cid: string } | null }) => {
      if (this.state !== 'active') return this.desk.command('hangup', { call: this.id });
      if (peer) this.knows(peer);
      this.health!.onPeer(peer === null);
      if (peer) this.comeTogether();
    };
    const failed = ({ reason, message }: Failure) => {
      if (reason === 'not_in_call') this.end('hung_up');
      else if (this.desk.link.isOpen()) this.desk.link.log('warn', `The server does not know of the call any more; it goes on without: ${message}`);
    };
    this.desk.command('reattach', { ticket: this.ticket }, done, failed);
  }

  /** Both sides hear each other again. */
  private comeTogether() {
    if (!this.peer!.negotiation.resume() && !this.health!.isWell) this.restart();
  }

  // Ending

  /** By the application. */
  hangup(): void {
    if (this.successor) return this.successor.hangup();
    if (this.state === 'over') return;
    const { isRinging } = this;
    this.desk.rejectTwin(this);
    this.tellServer();
    this.end(this.state === 'active' ? 'hung_up' : isRinging ? 'rejected' : 'cancelled');
  }

  /** The two sides could not come together. */
  private fail(error: unknown) {
    if (this.state === 'over') return;
    this.tellServer();
    this.end('failed', over('failed', error));
  }

  private tellServer() {
    const later = () => void (this.ticket && this.desk.leaveLater(this.ticket));
    if (this.id) this.desk.command('hangup', { call: this.id }, undefined, later);
  }

  /** Another call goes on with what this one was; the application has heard of it already and need not again. */
  yieldTo(successor: Call) {
    this.successor = successor;
    this.isTold = false;
    this.end('cancelled');
  }

  end(reason: string, cause: unknown = over(reason)) {
    if (this.state === 'over') return;
    this.state = 'over';
    this.overReason = reason;
    this.dropPeer();
    this.releaseMedia();
    this.desk.remove(this);
    this.reject(toError(this.desk.link, cause));
    if (!this.isTold) return;
    const { user: sender, cid: sender_cid, id } = this;
    this.desk.link.tell({ type: 'rtc:closed', message: overText(reason), reason, call: id!, sender, sender_cid, sender_rid: null, code: null });
  }

  // What all of that is made of

  private hasRing(ring: Ring) {
    this.ring = ring;
    this.id = ring.call;
    this.knows(ring);
  }

  private knows({ user, cid }: { user: string; cid: string }) {
    this.user = user;
    this.cid = cid;
  }

  private readonly goesOn = () => this.state !== 'over';

  private checkGoesOn() {
    if (!this.goesOn()) throw over(this.overReason);
  }

  /** All that may take long, or fail for reasons of this side. */
  private async prepare(wishes: Wishes): Promise<void> {
    const { config, media } = wishes;
    if (this.desk.around.RTCPeerConnection === undefined) throw noWebRTC();
    if (!this.desk.link.isOpen()) throw notConnected();
    const iceServers = config.iceServers ?? (await this.desk.ice.get());
    this.checkGoesOn();
    this.wishes = wishes;
    this.config = { ...config, iceServers };
    if (Object.keys(config).length > 0) this.tryConfig();
    this.local = await takeMedia(media, this.desk.around.media);
    if (this.state === 'over') this.releaseMedia();
    this.checkGoesOn();
  }

  /** Whether the browser takes what the application has given: nobody is to be asked for a camera in vain. */
  private tryConfig() {
    try {
      new this.desk.around.RTCPeerConnection!(this.config).close();
    } catch (error) {
      throw invalidParameter(`"ice" is nothing that the browser takes: ${error}`);
    }
  }

  private releaseMedia() {
    this.local?.release();
    this.local = undefined;
  }

  private makePeer(isPolite: boolean): Peer {
    const { link, ice, around } = this.desk;
    const { callback, config } = this.wishes!;
    const pc = new around.RTCPeerConnection!(this.config);
    if (config.iceServers === undefined) {
      this.endUseOfIce = ice.use((iceServers) => {
        try {
          // Not every WebRTC for Node can.
          pc.setConfiguration?.({ ...this.config, iceServers });
        } catch (error) {
          link.log('warn', `The browser does not take the servers of ICE that were renewed: ${error}`);
        }
      });
    }
    return (this.peer = new Peer(pc, {
      isPolite,
      stream: this.local!.stream,
      send: (signal) => this.send(signal),
      onState: () => this.health?.onState(pc),
      callback,
      report: around.report,
      log: (text) => link.log('warn', text),
    }));
  }

  private dropPeer() {
    this.health?.stop();
    this.health = undefined;
    this.endUseOfIce();
    this.peer?.close();
    this.peer = undefined;
    this.waiting = [];
  }

  /** Both sides have agreed to talk. */
  private begin(ticket: string) {
    const { peer, local } = this;
    this.state = 'active';
    this.ticket = ticket;
    const expectsWay = Object.keys(peer!.channels).length > 0 || local!.stream.getTracks().length > 0;
    const restart = () => this.restart();
    const giveUp = (reason: string) => {
      this.tellServer();
      this.end(reason);
    };
    this.health = new Health({ timers: this.desk.around.timers, restart, giveUp }, expectsWay);
    this.health.onState(peer!.pc);
    this.sendWaiting();
    peer!.negotiation.start();
  }

  private resolved({ pc, channels }: Peer): RTCResolved {
    return { target: pc, channels, media: this.local!.stream, hangup: () => this.hangup() };
  }

  private sendWaiting() {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (const signal of waiting) this.send(signal);
  }

  private send(signal: Signal) {
    if (this.waiting) this.waiting.push(signal);
    else this.desk.command('signal', { call: this.id, data: signal }, undefined, undefined, this.goesOn);
  }
}
