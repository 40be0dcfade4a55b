// What goes wrong in a run, and when: counted in deliveries, and decided by the seed alone.
import { Random } from './random.mjs';

const cuts = { reset: 50, fin_to_client: 15, fin_to_server: 15, stalled: 20 };
const weathers = { delay: 40, slow: 30, stall: 30 };
const directions = ['up', 'down'];

// [{ at: deliveries, what, member: a number that chooses whom it meets, … }] in order.
export function planFaults({ seed, deliveries, cuts: cutCount, restarts }) {
  const random = new Random(seed, 'faults');
  const spread = (count, make) =>
    Array.from({ length: count }, (_, index) => ({
      at: Math.floor(((index + random.fraction()) / count) * deliveries),
      member: random.below(2 ** 30),
      ...make(),
    }));
  const weather = () => ({
    what: random.weighted(weathers),
    direction: random.pick(directions),
    delayMs: random.between(20, 400),
    bytesPerS: random.between(2_000, 60_000),
    forMs: random.between(200, 3_000),
  });
  const cut = () => ({
    what: random.weighted(cuts),
    direction: random.pick(directions),
    forMs: random.between(100, 2_000),
  });
  const restart = () => ({
    what: random.pick(['kill', 'kill', 'drain']),
    waitMs: random.below(80),
    downMs: random.below(1_200),
  });
  return [
    ...spread(cutCount, cut),
    ...spread(Math.ceil(cutCount / 4), () => ({ what: 'away', forMs: random.between(200, 6_000) })),
    ...spread(Math.ceil(cutCount / 2), weather),
    ...spread(restarts, restart),
  ].sort((a, b) => a.at - b.at);
}

export const isCut = ({ what }) => what in cuts;
export const isRestart = ({ what }) => what === 'kill' || what === 'drain';

// Does to a line what a fault says.
export function strike(line, { what, direction, delayMs, bytesPerS, forMs }) {
  if (what === 'reset') line.cut();
  else if (what === 'fin_to_client') line.halfClose('client');
  else if (what === 'fin_to_server') line.halfClose('server');
  else if (what === 'stalled') {
    line.stall(direction, forMs);
    setTimeout(() => line.cut(), forMs / 2);
  } else if (what === 'away') line.away(forMs);
  else if (what === 'delay') line.delay(direction, delayMs, forMs);
  else if (what === 'slow') line.slow(direction, bytesPerS, forMs);
  else if (what === 'stall') line.stall(direction, forMs);
}
