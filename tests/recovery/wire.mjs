// One connection as it is on the wire: what was asked, what was answered, and whether the offsets that come have no holes. It is
// told everything that goes in either direction; what it hears goes into the Order.
import { groupStream, messageEntry, noticeEntry, userStream } from './order.mjs';

export class Wire {
  #order;
  #who;
  #user;
  #generation;
  #tell;
  #asked = new Map(); // id → command
  #streams = new Map(); // stream → { epoch, next: offset, left: how many may come until the next join }

  // who: for findings. generation(): of the server at the other end. tell: { welcome, place, posted, refused, finding }.
  constructor({ order, who, user, generation, tell }) {
    this.#order = order;
    this.#who = who;
    this.#user = user;
    this.#generation = generation;
    this.#tell = tell;
  }

  onSent(text) {
    for (const json of text.split('\n')) {
      const command = JSON.parse(json);
      if (command.op === undefined) continue;
      this.#asked.set(command.id, command);
      if (command.op === 'post') this.#tell.sent?.(command.data.id);
    }
  }

  onReceived(text) {
    for (const json of text.split('\n')) {
      const object = JSON.parse(json);
      if (object.ev !== undefined) this.#onEvent(object);
      else if (object.id !== undefined) this.#onReply(object);
    }
  }

  #onReply({ id, ok, error }) {
    const command = this.#asked.get(id);
    if (command === undefined) return this.#find(`a reply to ${id}, which was not asked or is answered already`);
    this.#asked.delete(id);
    if (command.op === 'post') {
      if (ok) this.#tell.posted?.(command.data.id, this.#placed(command, ok), this.#generation());
      else this.#tell.refused?.(command.data.id, error.reason);
    } else if (ok && command.op === 'connect') {
      if (ok.stream) this.#settle(userStream(this.#user), ok.stream, command.since);
      this.#tell.welcome?.({ cid: ok.cid, ...this.#answer(ok.stream ?? {}, command.since) });
    } else if (ok && (command.op === 'join' || command.op === 'leave')) {
      for (const stream of this.#streams.keys()) if (stream.startsWith('#')) this.#streams.delete(stream);
      if (ok.group !== null) this.#settle(groupStream(ok.group), ok, command.since);
      this.#tell.place?.({ group: ok.group, ...this.#answer(ok, command.since) });
    } else if (command.op === 'join') this.#tell.joinRefused?.();
  }

  #answer({ epoch, offset, recovered, replayed, more, reason, missed }, since) {
    return { epoch, offset, recovered, replayed, more, reason, missed, since, generation: this.#generation() };
  }

  #settle(stream, { epoch, offset, recovered, replayed, more }, since) {
    if (recovered === true && (epoch !== since.epoch || offset !== since.offset)) {
      this.#find(`${stream} is recovered from ${epoch} ${offset}, not from ${since.epoch} ${since.offset}`);
    }
    this.#order.begin(stream, epoch, this.#generation());
    this.#streams.set(stream, { epoch, next: offset + 1, left: more ? replayed : Infinity });
  }

  // Where a post stands, if it is in a stream.
  #placed({ to }, { epoch, offset }) {
    if (epoch === undefined) return null;
    const stream = to.user === undefined ? groupStream(to.group) : userStream(to.user);
    return { stream, epoch, offset };
  }

  #onEvent(event) {
    if (event.ev === 'message') this.#onPlaced(groupStream(event.group), event, messageEntry(event.data.id));
    else if (event.ev === 'notice') this.#onPlaced(groupStream(event.group), event, noticeEntry(event.code, event.cid));
    else if (event.ev === 'private') this.#onPlaced(userStream(this.#user), event, messageEntry(event.data.id));
  }

  #onPlaced(name, { offset }, entry) {
    const stream = this.#streams.get(name);
    if (stream === undefined) return this.#find(`"${entry}" of ${name}, which this connection is not in`);
    if (offset !== stream.next) this.#find(`${name} ${stream.epoch}: offset ${offset} instead of ${stream.next}`);
    if (stream.left-- <= 0) this.#find(`${name} ${stream.epoch} ${offset} comes before the rest was asked for`);
    stream.next = offset + 1;
    this.#order.put(name, stream.epoch, offset, entry);
    this.#tell.heard?.(name, stream.epoch, offset, entry);
  }

  #find(text) {
    this.#tell.finding({ kind: 'wire', text: `${this.#who}: ${text}` });
  }
}
