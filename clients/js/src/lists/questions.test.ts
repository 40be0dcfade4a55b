import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipitError } from '../errors.js';
import { checkFetchOptions, checkHistory, checkParams, checkWatch, inGroup, readParams } from './questions.js';

function refuses(call: () => unknown, text: string | RegExp, code = 'INVALID_PARAMETER') {
  assert.throws(call, (error) => {
    assert.ok(error instanceof PipitError && error.code === code);
    if (typeof text === 'string') assert.equal(error.message, text);
    else assert.match(error.message, text);
    return true;
  });
}

test('a member that is not known is refused by its name, with those that are', () => {
  refuses(
    () => checkParams('groups', { searchfor: 'group' }),
    '"searchfor" is no member of "params". Allowed: searchFor, value, condition, range.',
  );
  refuses(() => checkParams('users', { value: 'a' }), '"value" is no member of "params". Allowed: group, user_id.');
  refuses(
    () => checkFetchOptions({ offset: 1 }),
    '"offset" is no member of "fetchOptions". Allowed: limit, fetchMore, ascending, startKey, progress.',
  );
  refuses(() => checkWatch('groups', {}, { startKey: {} }), '"startKey" is no member of "options". Allowed: limit, ascending.');
});

for (const [params, found] of [
  ['tea', 'a string'],
  ['', 'an empty string'],
  [5, 'a number'],
  [true, 'a boolean'],
  [[], 'an array'],
  [() => 1, 'a function'],
  [5n, 'a bigint'],
] as const) {
  test(`params are refused that are no object: ${found}`, () => {
    refuses(() => checkParams('users', params), `"params" must be an object: { group, user_id }, not ${found}.`);
    refuses(() => checkFetchOptions(params), new RegExp(`^"fetchOptions" must be an object: { limit, .* }, not ${found}.$`));
  });
}

for (const value of [NaN, Infinity, -Infinity]) {
  test(`a number that JSON does not have is refused: ${value}`, () => {
    refuses(() => checkParams('groups', { searchFor: 'number_of_users', value }), `"value" must be a finite number, not ${value}.`);
    refuses(() => checkFetchOptions({ limit: value }), `"limit" must be a finite number, not ${value}.`);
  });
}

const cycle: { self?: unknown } = {};
cycle.self = cycle;

for (const [name, value] of Object.entries({ BigInt: 5n, function: () => 1, symbol: Symbol('s'), cycle, 'BigInt within': { a: [5n] } })) {
  test(`a value that JSON can't hold is refused: ${name}`, () => {
    refuses(() => checkParams('users', { user_id: value }), /^"user_id" must be a value that JSON can hold: ./);
    refuses(() => checkWatch('groups', {}, { limit: value }), /^"limit" must be a value that JSON can hold: ./);
  });
}

for (const [startKey, found] of [
  ['', 'an empty string'],
  ['End', 'a string'],
  ['{"cursor":"a"}', 'a string'],
  [5, 'a number'],
  [true, 'a boolean'],
  [[{}], 'an array'],
] as const) {
  test(`a startKey is refused: ${JSON.stringify(startKey)}`, () =>
    refuses(() => checkFetchOptions({ startKey }), `"startKey" must be an object from an earlier answer, or "end", not ${found}.`));
}

test('what the server does not get to see is checked here', () => {
  refuses(() => checkFetchOptions({ fetchMore: 1 }), '"fetchMore" must be a boolean, not a number.');
  refuses(() => checkFetchOptions({ progress: {} }), '"progress" must be a function, not an object.');
  refuses(() => checkFetchOptions({ startKey: { cursor: 5n } }), /^"startKey" must be a value that JSON can hold/);
});

test('everything else is left to the server, whatever it is', () => {
  const params = { searchFor: 'size', value: [true], condition: 5, range: {} };
  assert.deepEqual(checkParams('groups', params), params);
  assert.deepEqual(checkFetchOptions({ limit: 'many', ascending: 'up' }).limit, 'many');
  assert.deepEqual(checkFetchOptions({ limit: 'many', ascending: 'up' }).order, { ascending: 'up' });
});

test('null and undefined are left out, and nothing at all is the whole list', () => {
  assert.deepEqual(checkParams('groups', { searchFor: undefined, value: null }), {});
  for (const nothing of [undefined, null, {}]) {
    assert.deepEqual(checkParams('groups', nothing), {});
    assert.deepEqual(checkFetchOptions(nothing), { limit: undefined, order: {}, fetchMore: false, startKey: undefined, progress: undefined });
  }
});

test('the order in which members are written does not matter, and ascending is as good as not said', () => {
  const [a, b] = [checkParams('groups', { value: 'a', searchFor: 'group' }), checkParams('groups', { searchFor: 'group', value: 'a' })];
  assert.equal(JSON.stringify(a), JSON.stringify(b));
  assert.deepEqual(checkFetchOptions({ ascending: true }).order, {});
  assert.deepEqual(checkFetchOptions({ ascending: false }).order, { ascending: false });
  assert.deepEqual(checkWatch('users', { group: 'a' }, { ascending: true, limit: 3 }), { group: 'a', limit: 3 });
});

test('a startKey is taken as it is at the time of the call', () => {
  const startKey = { cursor: 'a' };
  const { startKey: taken } = checkFetchOptions({ startKey });
  startKey.cursor = 'b';
  assert.equal(taken, '{"cursor":"a"}');
});

test('users without a group are those of the joined one, and refused without it', () => {
  refuses(() => inGroup('users', {}, null), 'No group is joined. Run joinRealtime(\'...\') or name the "group".', 'INVALID_REQUEST');
  assert.deepEqual(inGroup('users', { user_id: 'ann' }, 'tea'), { group: 'tea', user_id: 'ann' });
  assert.deepEqual(inGroup('users', { group: 'den' }, 'tea'), { group: 'den' });
  assert.deepEqual(inGroup('groups', {}, null), {});
});

test('an empty field of a form is not given', () => {
  assert.deepEqual(readParams('users', { group: '', user_id: 'ann' }), { user_id: 'ann' });
  assert.deepEqual(readParams('groups', { searchFor: 'group', value: 'tea', condition: '', range: '' }), { searchFor: 'group', value: 'tea' });
});

for (const value of ['', null]) {
  test(`without a value (${JSON.stringify(value)}) a form compares nothing`, () =>
    assert.deepEqual(readParams('groups', { searchFor: 'group', value, condition: '>=', range: 'z' }), { searchFor: 'group' }));
}

test('what a form writes is a number in a search by number, if it can be one, and text in any other', () => {
  const fields = { searchFor: 'number_of_users', value: '5', range: ' 1e1 ' };
  assert.deepEqual(readParams('groups', fields), { searchFor: 'number_of_users', value: 5, range: 10 });
  assert.deepEqual(readParams('groups', { ...fields, value: 'five', range: ' ' }), { searchFor: 'number_of_users', value: 'five', range: ' ' });
  assert.deepEqual(readParams('groups', { searchFor: 'group', value: '5' }), { searchFor: 'group', value: '5' });
  assert.deepEqual(readParams('groups', { searchFor: 'number_of_users', value: 0 }), { searchFor: 'number_of_users', value: 0 });
});

test('what a form writes for the page of a history is a number if it can be one', () => {
  const before = { epoch: '7', offset: '41' };
  assert.deepEqual(readParams('history', { group: '5', limit: ' 20 ', before }), { group: '5', limit: 20, before: { epoch: '7', offset: 41 } });
  assert.deepEqual(before, { epoch: '7', offset: '41' });
  assert.deepEqual(readParams('history', { limit: 20, before: { epoch: 'e', offset: 41 } }), { limit: 20, before: { epoch: 'e', offset: 41 } });
  const odd = { limit: 'all', before: { epoch: 'e', offset: 'x' } };
  assert.deepEqual(readParams('history', odd), odd);
  assert.deepEqual(readParams('history', { before: 'end' }), { before: 'end' });
});

test('in a form a position of empty fields is not given', () => {
  assert.deepEqual(readParams('history', { limit: '', before: { epoch: '', offset: '' } }), {});
  assert.deepEqual(readParams('history', { before: { epoch: '', offset: null } }), {});
  assert.deepEqual(readParams('history', { before: { epoch: 'e', offset: '' } }), { before: { epoch: 'e' } });
});

test('of the button that submitted a form is left out what is no member, and of nothing else', () => {
  assert.deepEqual(readParams('history', { group: 'tea', go: 'Go' }, 'go'), { group: 'tea' });
  assert.deepEqual(readParams('groups', { searchFor: 'group', value: 'tea', condition: '>=' }, 'condition'), { searchFor: 'group', value: 'tea', condition: '>=' });
  refuses(() => checkParams('users', readParams('users', { go: 'Go', limit: '5' }, 'go')), /^"limit" is no member of "params"/);
});

for (const before of [7, 'start', [], true]) {
  test(`a position that is none is refused by its name: ${JSON.stringify(before)}`, () => {
    refuses(() => checkHistory({ before }, undefined), /^"before" must be an object from an earlier answer, or "end", not an? /);
    refuses(() => checkHistory({}, { startKey: before }), /^"startKey" must be an object from an earlier answer, or "end", not an? /);
  });
}

test('what params of a history say holds before what its fetchOptions say', () => {
  const [before, startKey] = [{ epoch: 'e', offset: 1 }, { epoch: 'e', offset: 2 }];
  const { fetch } = checkHistory({ limit: 1, before }, { limit: 2, startKey });
  assert.deepEqual([fetch.limit, fetch.startKey], [1, JSON.stringify(before)]);
  const other = checkHistory({}, { limit: 2, startKey }).fetch;
  assert.deepEqual([other.limit, other.startKey], [2, JSON.stringify(startKey)]);
  assert.equal(checkHistory({ before: 'end' }, undefined).fetch.startKey, 'end');
});
