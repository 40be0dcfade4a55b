// Whether a client has been told exactly what the server has sent, in its order: its chronicle is walked along the Order.
//
// A chronicle is what one client did and heard, as it happened:
//   { what: 'connect' } { what: 'close' } { what: 'join', group }       the application's calls
//   { what: 'welcome', cid, … } { what: 'place', group, … }             what the server answered (see Wire)
//   { what: 'event', stream, entry, offset }                            what the callback got: messages, notices,
//   { what: 'gap', stream, reason, missed } { what: 'success', recovered, recovered_messages } { what: 'reconnect' }
//   { what: 'error', reason } { what: 'ended' }
import { cidOf, groupStream, isNotice, userStream } from './order.mjs';

export class Walk {
  #order;
  #user;
  #isDurable;
  #windowOf;
  #cursors = new Map(); // stream → { epoch, offset } of the last thing the client has
  #pending = new Map(); // stream → what the server said was lost, until the client's application hears of it
  #own = new Set(); // its cids since connectRealtime()
  #former = new Set(); // those before: it may or may not be told of them
  #group = null;
  #joining = null;
  #startsAnew = true;
  #heard = new Map(); // stream → epoch and offset of all it was told
  #missing = new Map(); // place → finding, for what may still come late
  #replayEnds = new Map(); // stream → the last offset that comes out of the history
  #replayed = 0;
  #gapsSinceSuccess = 0;
  #isOpen = false; // "success" was told, and no "reconnect" since
  #wasRefused = false; // a join, since the connection was open
  findings = [];
  figures = { messages: 0, notices: 0, gaps: 0, missed: 0, recoveries: 0, recovered_messages: 0 };

  // isDurable(stream); windowOf(stream): how many events its history holds at least.
  constructor({ order, user, isDurable, windowOf }) {
    this.#order = order;
    this.#user = user;
    this.#isDurable = isDurable;
    this.#windowOf = windowOf;
  }

  run(chronicle) {
    for (const step of chronicle) this.#steps[step.what](step);
    for (const [stream, { epoch }] of this.#cursors) {
      if (!this.#pending.has(stream)) this.#passTo(stream, this.#order.end(stream, epoch), 'at the end');
    }
    for (const stream of this.#pending.keys()) this.#dropPending(stream);
    this.findings.push(...this.#missing.values());
    return this;
  }

  #steps = {
    connect: () => {
      this.#startsAnew = true;
    },
    close: () => {
      for (const cid of this.#own) this.#former.add(cid);
      this.#own.clear();
      this.#cursors.clear();
      for (const stream of this.#pending.keys()) this.#dropPending(stream);
      this.#group = this.#joining = null;
    },
    join: ({ group }) => {
      this.#joining = { group };
    },
    welcome: (answer) => {
      this.#own.add(answer.cid);
      if (answer.epoch === undefined) return;
      this.#onPlace(userStream(this.#user), answer, this.#startsAnew);
      this.#startsAnew = false;
    },
    place: ({ group, ...answer }) => {
      const asked = this.#joining?.group === group;
      if (asked) this.#joining = null;
      if (this.#group !== null && this.#group !== group) this.#leave(groupStream(this.#group));
      this.#group = group;
      if (group !== null) this.#onPlace(groupStream(group), answer, asked);
    },
    event: (event) => this.#onEvent(event),
    gap: (gap) => this.#onGap(gap),
    reconnect: () => {
      // What came late of a group that was let in again after "success" belongs to no later one.
      if (this.#isOpen) {
        this.#gapsSinceSuccess = this.#replayed = 0;
        this.#wasRefused = false;
      }
      this.#isOpen = false;
    },
    refused: () => {
      this.#wasRefused = true;
    },
    success: ({ recovered, recovered_messages: messages }) => {
      if (recovered !== undefined) {
        this.figures.recoveries += 1;
        this.figures.recovered_messages += messages;
        // It is not known that nothing is lost as long as the client is not in its group.
        if (recovered !== (this.#gapsSinceSuccess === 0 && !this.#wasRefused)) {
          this.#find('success', `"recovered" is ${recovered} after ${this.#gapsSinceSuccess} gaps`);
        }
        if (messages !== this.#replayed) {
          this.#find('success', `${messages} "recovered_messages", but ${this.#replayed} came out of the history`);
        }
      }
      this.#gapsSinceSuccess = this.#replayed = 0;
      this.#replayEnds.clear();
      this.#isOpen = true;
    },
    error: ({ reason }) => this.#find('error', `the connection failed: ${reason}`),
    ended: () => this.#find('error', 'the connection ended for good'),
  };

  #leave(stream) {
    this.#cursors.delete(stream);
    this.#dropPending(stream);
  }

  // Too late to announce it: it is announced before anything else is.
  #dropPending(stream) {
    if (this.#pending.delete(stream)) this.#find('unannounced', `the gap in ${stream} was never announced`);
  }

  // The answer to connect or join. `fresh`: the application has just asked for it, so nothing can have been missed.
  #onPlace(stream, { epoch, offset, recovered, replayed, reason, missed, since, generation }, fresh) {
    const place = { epoch, offset };
    if (recovered === undefined) {
      if (fresh) this.#cursors.set(stream, place);
      return; // otherwise the client has not asked for what it missed, and is as far as it was
    }
    if (recovered) {
      this.#replayEnds.set(stream, offset + replayed);
      return;
    }
    this.#replayEnds.delete(stream);
    this.#judgeGap(stream, { place, since, reason, missed, generation });
    const cursor = this.#cursors.get(stream);
    // What the client says it has, its application has been told.
    if (cursor && cursor.epoch === since.epoch) this.#passTo(stream, since.offset + 1, 'before a gap');
    this.#dropPending(stream);
    this.#pending.set(stream, { place, reason, missed });
  }

  // Whether the server may say so.
  #judgeGap(stream, { place, since, reason, missed, generation }) {
    const begun = this.#order.generationOf(stream, since.epoch);
    const tale = `${stream}, ${reason}, from ${since.epoch} ${since.offset} to ${place.epoch} ${place.offset}`;
    if (this.#isDurable(stream)) this.#find('gap', `a durable history was not replayed: ${tale}`);
    else if (reason === 'epoch') {
      if (begun === generation) this.#find('gap', `the server has lived on and begun anew: ${tale}`);
    } else if (reason === 'window') {
      const lost = place.offset - since.offset;
      if (missed !== lost) this.#find('gap', `missed is ${missed} instead of ${lost}: ${tale}`);
      if (lost <= this.#windowOf(stream)) this.#find('gap', `within the window: ${tale}`);
    } else this.#find('gap', tale);
  }

  #onGap({ stream, reason, missed }) {
    this.figures.gaps += 1;
    this.#gapsSinceSuccess += 1;
    const pending = this.#pending.get(stream);
    if (pending === undefined) return this.#find('gap', `announced without a cause: ${stream}, ${reason}`);
    if (pending.reason !== reason || pending.missed !== missed) {
      this.#find('gap', `announced as ${reason} ${missed}, not as ${pending.reason} ${pending.missed}: ${stream}`);
    }
    this.figures.missed += missed ?? 0;
    this.#settle(stream);
  }

  #settle(stream) {
    this.#cursors.set(stream, { ...this.#pending.get(stream).place });
    this.#pending.delete(stream);
  }

  #onEvent({ stream, entry, offset }) {
    this.figures[isNotice(entry) ? 'notices' : 'messages'] += 1;
    if (this.#pending.has(stream)) {
      this.#find('unannounced', `"${entry}" came after a gap in ${stream} that was not announced`);
      this.#settle(stream);
    }
    const cursor = this.#cursors.get(stream);
    if (cursor === undefined) return this.#find('stray', `"${entry}" of ${stream}, which it is not in`);
    if (isNotice(entry) && this.#own.has(cidOf(entry))) return this.#find('own notice', `"${entry}" of ${stream}`);

    const { epoch } = cursor;
    let at = cursor.offset + 1;
    const end = this.#order.end(stream, epoch);
    while (at < end && this.#order.at(stream, epoch, at) !== entry && this.#mayBeHidden(stream, epoch, at)) at += 1;
    if (at >= end || this.#order.at(stream, epoch, at) !== entry) {
      at = this.#search(stream, epoch, cursor.offset, entry);
      if (at === undefined) return undefined;
      this.#passTo(stream, at, 'in between');
    }
    cursor.offset = at;
    this.#placesHeard(stream).add(`${epoch} ${at}`);
    if (offset !== undefined && offset !== at) this.#find('offset', `"${entry}" of ${stream} at ${offset}, not ${at}`);
    if (!isNotice(entry) && at <= (this.#replayEnds.get(stream) ?? 0)) this.#replayed += 1;
    return undefined;
  }

  // Where an event stands that is not the next one; undefined, and a finding, unless it is further on.
  #search(stream, epoch, offset, entry) {
    for (let at = offset + 1; at < this.#order.end(stream, epoch); at += 1) {
      if (this.#order.at(stream, epoch, at) === entry) return at;
    }
    const heard = this.#placesHeard(stream);
    for (let at = offset; at > 0; at -= 1) {
      if (this.#order.at(stream, epoch, at) !== entry) continue;
      const place = `${epoch} ${at}`;
      if (heard.has(place)) {
        this.#find('twice', `"${entry}" of ${stream} ${place}`);
      } else {
        heard.add(place);
        this.#missing.delete(`${stream} ${place}`);
        this.#find('out of order', `"${entry}" of ${stream} ${place} came after ${offset}`);
      }
      return undefined;
    }
    const elsewhere = this.#order.places(stream, entry).find(({ epoch: other }) => other !== epoch);
    if (elsewhere && heard.has(`${elsewhere.epoch} ${elsewhere.offset}`)) this.#find('twice', `"${entry}" of ${stream}`);
    else this.#find('unknown', `"${entry}" of ${stream}, which the server has not sent in ${epoch}`);
    return undefined;
  }

  // Notices of itself are kept from the application.
  #mayBeHidden(stream, epoch, at) {
    const entry = this.#order.at(stream, epoch, at);
    return entry !== undefined && isNotice(entry) && (this.#own.has(cidOf(entry)) || this.#former.has(cidOf(entry)));
  }

  // Moves on to before `end`; what is passed is missing.
  #passTo(stream, end, when) {
    const cursor = this.#cursors.get(stream);
    for (let at = cursor.offset + 1; at < end; at += 1) {
      if (this.#mayBeHidden(stream, cursor.epoch, at)) continue;
      const place = `${cursor.epoch} ${at}`;
      const text = `"${this.#order.at(stream, cursor.epoch, at)}" of ${stream} ${place}, ${when}`;
      this.#missing.set(`${stream} ${place}`, { kind: 'lost', text });
    }
    cursor.offset = Math.max(cursor.offset, end - 1);
  }

  #placesHeard(stream) {
    if (!this.#heard.has(stream)) this.#heard.set(stream, new Set());
    return this.#heard.get(stream);
  }

  #find(kind, text) {
    this.findings.push({ kind, text });
  }
}
