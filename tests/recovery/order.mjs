// What the server has sent, in its order: of each stream ("#group" or "@user") and epoch, what stands at each offset. All that
// anybody has received comes together here, so two clients that were told different things are found.
export class Order {
  #streams = new Map(); // stream → epoch → { entries: offset → entry, generation }
  #places = new Map(); // stream → message → [{ epoch, offset }]
  findings = [];

  // An epoch, and the generation of the server that told of it. Epochs of durable streams outlive servers.
  begin(stream, epoch, generation) {
    const epochs = this.#epochs(stream);
    if (!epochs.has(epoch)) epochs.set(epoch, { entries: [], generation });
  }

  // `entry` as messageEntry() or noticeEntry() makes it.
  put(stream, epoch, offset, entry) {
    const { entries } = this.#epochs(stream).get(epoch);
    const known = entries[offset];
    if (known === undefined) {
      entries[offset] = entry;
      if (!isNotice(entry)) this.#placesOf(stream, entry).push({ epoch, offset });
    } else if (known !== entry) {
      this.findings.push({
        kind: 'two orders',
        text: `${stream} ${epoch} ${offset} is "${known}" to one and "${entry}" to another`,
      });
    }
  }

  // The same, and what the answers to posts say as well: [{ stream, epoch, offset, entry, generation }].
  with(answers) {
    const all = new Order();
    for (const [stream, epochs] of this.#streams) {
      for (const [epoch, { entries, generation }] of epochs) {
        all.begin(stream, epoch, generation);
        entries.forEach((entry, offset) => all.put(stream, epoch, offset, entry));
      }
    }
    for (const { stream, epoch, offset, entry, generation } of answers) {
      all.begin(stream, epoch, generation);
      all.put(stream, epoch, offset, entry);
    }
    return all;
  }

  // As if nobody had heard the message that stands there; returns what undoes it.
  unhear(stream, epoch, offset) {
    const { entries } = this.#epochs(stream).get(epoch);
    const entry = entries[offset];
    const places = this.#placesOf(stream, entry);
    const [place] = places.splice(places.findIndex((other) => other.epoch === epoch && other.offset === offset), 1);
    delete entries[offset];
    while (entries.length > 0 && entries.at(-1) === undefined) entries.length -= 1;
    return () => {
      entries[offset] = entry;
      places.push(place);
    };
  }

  at(stream, epoch, offset) {
    return this.#streams.get(stream)?.get(epoch)?.entries[offset];
  }

  // The offset after the last one that is known.
  end(stream, epoch) {
    return this.#streams.get(stream)?.get(epoch)?.entries.length ?? 0;
  }

  // Where a message stands; more than one place: it took effect more than once.
  places(stream, message) {
    return this.#places.get(stream)?.get(message) ?? [];
  }

  // All messages of a stream with their places.
  messages(stream) {
    return this.#places.get(stream) ?? new Map();
  }

  streams() {
    return [...this.#streams.keys()];
  }

  // [{ epoch, generation }] in the order in which they were heard of.
  epochs(stream) {
    return [...this.#epochs(stream)].map(([epoch, { generation }]) => ({ epoch, generation }));
  }

  generationOf(stream, epoch) {
    return this.#streams.get(stream)?.get(epoch)?.generation;
  }

  toJSON() {
    return Object.fromEntries([...this.#streams].map(([stream, epochs]) => [stream, Object.fromEntries(epochs)]));
  }

  #epochs(stream) {
    if (!this.#streams.has(stream)) this.#streams.set(stream, new Map());
    return this.#streams.get(stream);
  }

  #placesOf(stream, message) {
    if (!this.#places.has(stream)) this.#places.set(stream, new Map());
    const places = this.#places.get(stream);
    if (!places.has(message)) places.set(message, []);
    return places.get(message);
  }
}

// Ids of messages have no spaces.
export const messageEntry = (id) => id;
export const noticeEntry = (code, cid) => `${code} ${cid}`;
export const isNotice = (entry) => entry.includes(' ');
export const cidOf = (notice) => notice.slice(notice.indexOf(' ') + 1);

export const groupStream = (group) => `#${group}`;
export const userStream = (user) => `@${user}`;
