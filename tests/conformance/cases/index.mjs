// Every case, in the order of its number. The numbers are those of the Autobahn test suite, which has no 8 and 11.
import { cases as framing } from './01_framing.mjs';
import { cases as pingPong } from './02_ping_pong.mjs';
import { cases as reservedBits } from './03_reserved_bits.mjs';
import { cases as opcodes } from './04_opcodes.mjs';
import { cases as fragmentation } from './05_fragmentation.mjs';
import { cases as utf8 } from './06_utf8.mjs';
import { cases as close } from './07_close.mjs';
import { cases as limits } from './09_limits.mjs';
import { cases as autoFragmentation } from './10_auto_fragmentation.mjs';
import { cases as deflate } from './12_deflate.mjs';
import { cases as deflateOffers } from './13_deflate_offers.mjs';

// A group's `cases` are { id, title, run(peer, settings), deadlineMs?, offers? }; `run` throws a Mismatch, or returns
// { verdict, note } where the outcome is neither passed nor failed. `deflate` groups run against the deflating server.
export const groups = [
  { id: '1', title: 'Framing', cases: framing },
  { id: '2', title: 'Pings and pongs', cases: pingPong },
  { id: '3', title: 'Reserved bits', cases: reservedBits },
  { id: '4', title: 'Opcodes', cases: opcodes },
  { id: '5', title: 'Fragmentation', cases: fragmentation },
  { id: '6', title: 'UTF-8', cases: utf8 },
  { id: '7', title: 'Closing', cases: close },
  { id: '9', title: 'Limits', cases: limits },
  { id: '10', title: 'Automatic fragmentation', cases: autoFragmentation },
  { id: '12', title: 'Compression', cases: deflate, deflate: true },
  { id: '13', title: 'Compression offers', cases: deflateOffers, deflate: true },
];

// `patterns` like '1.*', '9.2' (with everything below it) or '6.4.1'; an empty list selects all.
export function selectGroups(patterns) {
  const matches = (id) => patterns.length === 0 || patterns.some((pattern) => {
    const wanted = pattern.replace(/(\.\*)+$/, '').split('.');
    const parts = id.split('.');
    return wanted.every((part, index) => part === '*' || part === parts[index]);
  });
  return groups
    .map((group) => ({ ...group, cases: group.cases.filter(({ id }) => matches(id)) }))
    .filter((group) => group.cases.length > 0);
}
