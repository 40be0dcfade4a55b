// All calls of one client.
import type { Around } from './around.js';
import { Call } from './call.js';
import type { Desk, Ring } from './desk.js';
import { IceList } from './ice.js';
import type { CallEvent, CallLink, CallPart } from './link.js';
import { Pace } from './pace.js';
import { checkAccept, checkCall, checkClose } from './params.js';
import { notConnected, toError } from './refusals.js';
import type { RTCConnector, RTCIncoming } from './types.js';

export class Calls implements CallPart {
  private readonly calls = new Set<Call>();
  /** Rings of whom this side calls too, until it is clear which of the two calls goes on. */
  private readonly twins = new Map<Call, Ring>();
  /** Tickets of calls that are over, which the server could not be told of. */
  private leaving: string[] = [];
  private readonly desk: Desk;
  private readonly pace: Pace;
  private endListening: (() => void) | undefined;

  constructor(
    private readonly link: CallLink,
    private readonly around: Around,
  ) {
    this.pace = new Pace(link, around.timers);
    const { command } = this.pace;
    this.desk = {
      link,
      ice: new IceList(command, around),
      around,
      command,
      takeTwin: (call) => this.takeTwin(call),
      rejectTwin: (call) => this.rejectTwin(call),
      remove: (call) => this.remove(call),
      leaveLater: (ticket) => void this.leaving.push(ticket),
    };
  }

  async connect(params: unknown, listener: unknown): Promise<RTCConnector> {
    try {
      const { to, wishes } = checkCall(params, listener);
      if (!this.link.isOpen()) throw notConnected();
      const call = new Call(this.desk, to);
      this.add(call);
      return await call.place(wishes);
    } catch (error) {
      throw toError(this.link, error);
    }
  }

  close(params: unknown) {
    try {
      const whose = checkClose(params);
      for (const call of [...this.calls]) {
        if (whose === undefined || ('user' in whose ? call.user === whose.user : call.cid === whose.cid)) call.hangup();
      }
    } catch (error) {
      throw toError(this.link, error);
    }
  }

  onEvent(event: CallEvent) {
    switch (event.kind) {
      case 'up':
        return this.onOpened();
      case 'leaving':
        return this.leave();
      case 'down':
        this.twins.clear();
        this.pace.flush();
        return this.calls.forEach((call) => call.onLost());
      case 'gone':
        this.leaving = [];
        return this.calls.forEach((call) => call.end('lost'));
      case 'ring':
        return this.onRing(event);
    }
    const call = [...this.calls].find(({ id }) => id === event.call);
    switch (event.kind) {
      case 'accepted':
        return call?.onAccepted(event);
      case 'signal':
        return call?.onSignal(event.data);
      case 'peer':
        return call?.onPeer(event);
      case 'ended':
        for (const [other, ring] of this.twins) if (ring.call === event.call) this.twins.delete(other);
        return call?.end(event.reason);
    }
  }

  /** What rings here goes on ringing at the user's other devices: the server stops this one when its connection closes. */
  private leave() {
    this.twins.clear();
    for (const call of [...this.calls]) if (!call.isRinging) call.hangup();
  }

  private onRing(ring: Ring) {
    const own = [...this.calls].find((call) => call.calls(ring));
    if (own === undefined) return this.show(ring);
    if (own.state === 'ringing' && ring.call < own.id!) return own.adopt(ring);
    this.twins.set(own, ring);
  }

  private show(ring: Ring) {
    const call = new Call(this.desk, undefined, ring);
    this.add(call);
    const incoming: RTCIncoming = {
      type: 'rtc:incoming',
      message: `User "${ring.user}" is calling.`,
      call: ring.call,
      sender: ring.user,
      sender_cid: ring.cid,
      sender_rid: null,
      code: null,
      connectRTC: async (params, callback) => {
        try {
          return await call.accept(checkAccept(params, callback));
        } catch (error) {
          throw toError(this.link, error);
        }
      },
      hangup: () => call.hangup(),
    };
    this.link.tell(incoming);
  }

  /** Of two that call each other the call with the smaller id goes on; whoever is not calling yet answers. */
  private takeTwin(call: Call): Ring | undefined {
    const told = [...this.calls].find(({ state, ring }) => state === 'incoming' && call.calls(ring!));
    if (call.state === 'placing' && told) {
      told.yieldTo(call);
      return told.ring;
    }
    const ring = this.twins.get(call);
    if (ring === undefined || (call.id !== undefined && call.id < ring.call)) return undefined;
    this.twins.delete(call);
    return ring;
  }

  private rejectTwin(call: Call) {
    const twin = this.twins.get(call);
    this.twins.delete(call);
    if (twin) this.desk.command('hangup', { call: twin.call });
  }

  private onOpened() {
    this.desk.ice.forget();
    for (const ticket of this.leaving.splice(0)) {
      this.desk.command('reattach', { ticket }, ({ call }: { call: string }) => this.desk.command('hangup', { call }));
    }
    for (const call of this.calls) call.onOpened();
  }

  private add(call: Call) {
    this.calls.add(call);
    if (this.endListening) return;
    const ends = [
      this.around.onNetworkChange(() => this.calls.forEach((other) => other.restart())),
      this.around.onPageEnd(() => this.leave()),
    ];
    this.endListening = () => ends.forEach((end) => end());
  }

  private remove(call: Call) {
    this.calls.delete(call);
    const twin = this.twins.get(call);
    this.twins.delete(call);
    if (twin) this.show(twin);
    if (this.calls.size > 0) return;
    this.endListening?.();
    this.endListening = undefined;
  }
}
