// Falsifies a record in one place. Each returns what undoes it, or null when the record has no such place; `kinds`: what the
// judge has to find then, at least one of them.
import { isNotice } from './order.mjs';

export const tamperings = [
  {
    name: 'a message taken out',
    kinds: ['lost'],
    tamper: (record) => splice(record, (step, next) => isMessage(step) && isFollowed(step, next), () => []),
  },
  {
    name: 'a notice taken out',
    kinds: ['lost'],
    tamper: (record) => splice(record, (step, next) => isShownNotice(step) && isFollowed(step, next), () => []),
  },
  {
    name: 'the last message taken out',
    kinds: ['lost'],
    tamper: (record) => splice(record, isMessage, () => [], 'last'),
  },
  {
    name: 'a message doubled',
    kinds: ['twice'],
    tamper: (record) => splice(record, isMessage, (step) => [step, step]),
  },
  {
    name: 'a message shown again much later',
    kinds: ['twice'],
    tamper: (record) => {
      const { chronicle } = longest(record);
      const event = chronicle.find(isMessage);
      const later = chronicle.findLastIndex((step) => isMessage(step) && step.stream === event.stream);
      chronicle.splice(later + 1, 0, event);
      return () => chronicle.splice(later + 1, 1);
    },
  },
  {
    name: 'two neighbours swapped',
    kinds: ['out of order'],
    tamper: (record) => {
      for (const { chronicle } of record.clients) {
        for (let index = chronicle.length >> 1; index + 1 < chronicle.length; index += 1) {
          const [first, second] = chronicle.slice(index, index + 2);
          if (!isMessage(first) || !isMessage(second) || !isFollowed(first, second)) continue;
          chronicle.splice(index, 2, second, first);
          return () => chronicle.splice(index, 2, first, second);
        }
      }
      return null;
    },
  },
  {
    name: 'a gap kept silent',
    kinds: ['unannounced'],
    tamper: (record) => splice(record, ({ what }) => what === 'gap', () => []),
  },
  {
    name: 'a gap made up',
    kinds: ['gap'],
    tamper: (record) =>
      splice(record, isMessage, (step) => [{ what: 'gap', stream: step.stream, reason: 'window', missed: 1 }, step]),
  },
  {
    name: 'a message of another group',
    kinds: ['stray', 'unknown'],
    tamper: (record) => splice(record, isMessage, (step) => [step, { ...step, stream: '#elsewhere' }]),
  },
  {
    name: 'a durable history said not to be whole',
    kinds: ['gap'],
    tamper: (record) => {
      const isRecovered = ({ what, group, recovered }) => what === 'place' && recovered && record.isDurable(`#${group}`);
      return splice(record, isRecovered, (step) => [{ ...step, recovered: false, reason: 'window', missed: 0 }]);
    },
  },
  {
    name: 'an acknowledged post that nobody got',
    kinds: ['lost'],
    tamper: (record) => {
      const [stream] = record.order.streams().filter(record.isDurable);
      if (stream === undefined) return null;
      const [{ epoch }] = record.order.epochs(stream);
      const place = { stream, epoch, offset: record.order.end(stream, epoch) + 1 };
      const post = { stream, state: 'resolved', reason: null, answers: [{ place, generation: 1, sentAtMs: 0 }] };
      record.posts.set('never.1', post);
      return () => record.posts.delete('never.1');
    },
  },
  {
    name: 'an acknowledged post in memory that nobody got, and no gap',
    kinds: ['lost'],
    tamper: (record) => {
      const { order, posts, clients } = record;
      for (const { chronicle } of clients) {
        for (let index = chronicle.length >> 1; index + 1 < chronicle.length; index += 1) {
          const [step, next] = chronicle.slice(index, index + 2);
          if (!isMessage(step) || !isFollowed(step, next) || record.isDurable(step.stream)) continue;
          const { stream, entry } = step;
          const places = order.places(stream, entry);
          const isAnswered = ({ place }) => place?.epoch === places[0].epoch && place.offset === places[0].offset;
          if (places.length !== 1 || !posts.get(entry).answers.some(isAnswered)) continue;
          const undo = clients.map((client) => {
            const told = client.chronicle;
            client.chronicle = told.filter((other) => !isMessage(other) || other.stream !== stream || other.entry !== entry);
            return () => (client.chronicle = told);
          });
          undo.push(order.unhear(stream, places[0].epoch, places[0].offset));
          return () => undo.forEach((each) => each());
        }
      }
      return null;
    },
  },
  {
    name: 'a post that took effect where it was refused',
    kinds: ['refused'],
    tamper: (record) => {
      for (const post of record.posts.values()) {
        if (post.state !== 'resolved' || !post.answers[0]?.place) continue;
        Object.assign(post, { state: 'rejected', reason: 'unavailable' });
        return () => Object.assign(post, { state: 'resolved', reason: null });
      }
      return null;
    },
  },
  {
    name: 'a post that took effect twice',
    kinds: ['twice'],
    tamper: ({ order, isDurable }) => {
      for (const stream of order.streams().filter(isDurable)) {
        for (const [id, places] of order.messages(stream)) {
          const [{ epoch }] = places;
          const offset = Math.max(1, order.end(stream, epoch));
          order.put(stream, epoch, offset, id);
          return () => order.unhear(stream, epoch, offset);
        }
      }
      return null;
    },
  },
];

const isMessage = ({ what, entry }) => what === 'event' && !isNotice(entry);
// What a client heard last of a group that it then left could as well have been under way.
const isFollowed = ({ stream }, next) => next?.what === 'event' && next.stream === stream;
const isShownNotice = ({ what, entry }) => what === 'event' && isNotice(entry);

const longest = ({ clients }) =>
  clients.reduce((most, client) => (client.chronicle.length > most.chronicle.length ? client : most));

// Puts what `replace` gives in the place of one step that is like that: one in the middle, or the last.
function splice({ clients }, isLike, replace, which = 'middle') {
  for (const { chronicle } of clients) {
    const indices = [...chronicle.keys()].filter((index) => isLike(chronicle[index], chronicle[index + 1]));
    if (indices.length === 0) continue;
    const index = which === 'last' ? indices.at(-1) : indices[indices.length >> 1];
    const before = chronicle[index];
    const after = replace(before);
    chronicle.splice(index, 1, ...after);
    return () => chronicle.splice(index, after.length, before);
  }
  return null;
}
