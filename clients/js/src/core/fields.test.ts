import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toData } from './fields.js';

const data = (...pairs: [string, unknown][]) => toData(pairs.map(([name, value]) => ({ name, values: [value], many: false })));

test('a name with __proto__ in it reaches no prototype and is left out', () => {
  const made = data(['__proto__', 1], ['a[__proto__][polluted]', 1], ['__proto__[polluted]', 1], ['b', 2]);
  assert.deepEqual(made, { b: 2 });
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('constructor and prototype are names like any other, and inherited ones no obstacle', () => {
  const made = data(['constructor[prototype][polluted]', 1], ['toString[a]', 2]);
  assert.deepEqual(made, JSON.parse('{"constructor":{"prototype":{"polluted":1}},"toString":{"a":2}}'));
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('a huge index makes no huge array', () => {
  assert.deepEqual(data(['a[4000000000]', 1], ['a[2]', 0]), { a: [0, 1] });
});

test('names that are no path are keys as they stand', () => {
  for (const name of ['a[', 'a]', '[a]', 'a[b]c', 'a[[b]]', '[]', '0', 'a.b']) assert.deepEqual(data([name, 1]), { [name]: 1 });
});

test('brackets nest', () => {
  assert.deepEqual(data(['a[b][c]', 1], ['a[b][d]', 2], ['a[e]', 3]), { a: { b: { c: 1, d: 2 }, e: 3 } });
});

test('indices and empty brackets make arrays', () => {
  assert.deepEqual(data(['a[1]', 'y'], ['a[0]', 'x'], ['b[]', 1], ['b[]', 2]), { a: ['x', 'y'], b: [1, 2] });
  assert.deepEqual(data(['a[0][name]', 'x'], ['a[1][name]', 'y']), { a: [{ name: 'x' }, { name: 'y' }] });
  assert.deepEqual(data(['a[b][]', 1], ['a[b][]', 2]), { a: { b: [1, 2] } });
});

test('indices beside other keys make an object', () => {
  assert.deepEqual(data(['a[0]', 1], ['a[b]', 2]), { a: { 0: 1, b: 2 } });
});

test('of two names that contradict each other the later holds', () => {
  assert.deepEqual(data(['a', 1], ['a[b]', 2]), { a: { b: 2 } });
  assert.deepEqual(data(['a[b]', 2], ['a', 1]), { a: 1 });
});

test('several values of one name are an array, also when one or none is left', () => {
  assert.deepEqual(toData([{ name: 'a', values: [1, 2], many: true }]), { a: [1, 2] });
  assert.deepEqual(toData([{ name: 'a', values: [1], many: true }, { name: 'b[c]', values: [], many: true }]), {
    a: [1],
    b: { c: [] },
  });
  assert.deepEqual(toData([{ name: 'a[]', values: [1, 2], many: true }]), { a: [1, 2] });
  assert.deepEqual(toData([{ name: 'a', values: [], many: false }]), {});
});
