// What both npm servers say about a post: the event of pipit.v1, so that all servers send as many bytes.

let next_connection = 0;

/** A name for a connection, as long as Pipit's. */
export function new_cid() {
  return `cid:${String(next_connection++).padStart(16, '0')}`;
}

/** Counts what was sent to each recipient. */
export class Offsets {
  #offsets = new Map();

  next(recipient) {
    const offset = (this.#offsets.get(recipient) ?? 0) + 1;
    this.#offsets.set(recipient, offset);
    return offset;
  }
}

/** The event that tells of a post by the connection `from` ({user, cid}). */
export function event_of(to, offset, from, data) {
  return to.group === undefined
    ? { ev: 'private', offset, ...from, data }
    : { ev: 'message', group: to.group, offset, ...from, data };
}
