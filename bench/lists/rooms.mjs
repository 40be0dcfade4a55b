// The same pages as an application makes them from socket.io's rooms, which know no order and count connections only:
// look at every room, sort what fits, take fifty. Prints one JSON object.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const { Adapter } = createRequire(new URL('../servers/package.json', import.meta.url))('socket.io-adapter');

const options = { groups: { type: 'string' }, members: { type: 'string' }, seconds: { type: 'string' } };
const { values } = parseArgs({ options });
const [groups, members, seconds] = ['groups', 'members', 'seconds'].map((name) => Number(values[name]));

const below = (bound) => Math.floor(Math.random() * bound);
const name_of = (index) => `${index % 7 === 0 ? 'team' : 'room'}/${String(index).padStart(6, '0')}`;

const { rooms } = fill(new Adapter({ server: { encoder: undefined }, sockets: new Map() }));

function fill(adapter) {
  for (let member = 0; member < members; member++) {
    adapter.addAll(`socket-${member}`, new Set([name_of(Math.floor(Math.random() ** 1.35 * groups))]));
  }
  return adapter;
}

const by_name = (a, b) => (a[0] < b[0] ? -1 : 1);
const by_number = (a, b) => a[1].size - b[1].size || by_name(a, b);

function page(fits, order) {
  const found = [];
  for (const room of rooms) {
    if (fits(room)) found.push(room);
  }
  return found.sort(order).slice(0, 50).map(([group, sockets]) => ({ group, number_of_users: sockets.size }));
}

const questions = {
  'by name': () => {
    const value = name_of(below(groups));
    return page(([name]) => name > value, by_name);
  },
  'by prefix': () => {
    const prefix = name_of(below(groups)).slice(0, -2);
    return page(([name]) => name.startsWith(prefix), by_name);
  },
  'by number, range': () => {
    const least = 1 + below(12);
    return page(([, sockets]) => sockets.size >= least && sockets.size <= least + 3, by_number);
  },
};

const pages = Object.entries(questions).map(([question, ask]) => {
  const times_us = [];
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    const begin = performance.now();
    JSON.stringify(ask());
    times_us.push((performance.now() - begin) * 1_000);
  }
  times_us.sort((a, b) => a - b);
  const quantile = (share) => times_us[Math.ceil(times_us.length * share) - 1];
  return { question, asked: times_us.length, p50_us: quantile(0.5), p99_us: quantile(0.99), max_us: times_us.at(-1) };
});
console.log(JSON.stringify({ pages }));
