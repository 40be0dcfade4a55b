import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toQuery } from './query.js';

for (const [name, question, message] of [
  ['a number where text belongs', { value: 5 }, '"value" must be a string, not a number.'],
  ['text where a number belongs', { searchFor: 'number_of_users', value: '5' }, '"value" must be a number, not a string.'],
  ['a range of another type', { searchFor: 'number_of_users', value: 5, range: true }, '"range" must be a number, not a boolean.'],
  ['a limit in quotes', { limit: '5' }, '"limit" must be a number, not a string.'],
  ['an order in quotes', { ascending: 'false' }, '"ascending" must be a boolean, not a string.'],
  ['a list of users', { user_id: ['ann'] }, '"user_id" must be a string, not an array.'],
  ['half a character', { value: 'a\ud83e' }, '"value" must be text without halves of surrogate pairs.'],
  ['the other half of one', { group: '\udd16a' }, '"group" must be text without halves of surrogate pairs.'],
] as const) {
  test(`what text would not tell the server is refused: ${name}`, () =>
    assert.throws(() => toQuery(question), { name: 'PipitError', code: 'INVALID_PARAMETER', message }));
}

test('a question becomes a query: text as it is, a startKey as JSON', () => {
  const question = { searchFor: 'group', value: 'é🫖 & =#', limit: 2, ascending: false, startKey: { cursor: 'a"b\ud83e' } };
  const query = toQuery(question);
  assert.equal(query[0], '?');
  assert.deepEqual(Object.fromEntries(new URLSearchParams(query)), {
    searchFor: 'group',
    value: 'é🫖 & =#',
    limit: '2',
    ascending: 'false',
    startKey: '{"cursor":"a\\"b\\ud83e"}',
  });
});

test('a question about everything has no query', () => assert.equal(toQuery({}), ''));
