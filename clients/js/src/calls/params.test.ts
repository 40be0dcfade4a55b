import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAccept, checkCall, checkClose } from './params.js';

const cid = 'cid:9fK2Zr0aQw_XcV1B';

const refusals: [string, unknown, unknown, string, RegExp][] = [
  ['no params', undefined, undefined, 'INVALID_PARAMETER', /^"params" must be an object/],
  ['nobody to call', {}, undefined, 'INVALID_PARAMETER', /^"params" needs one of "cid" and "user"/],
  ['two to call', { cid, user: 'bob' }, undefined, 'INVALID_PARAMETER', /not both/],
  ['a cid that is none', { cid: 'bob' }, undefined, 'INVALID_PARAMETER', /^"cid" must be "cid:"/],
  ['a user without a name', { user: '' }, undefined, 'INVALID_PARAMETER', /^"user" must be/],
  ['a user that is a number', { user: 7 }, undefined, 'INVALID_PARAMETER', /^"user" must be/],
  ['an unknown member', { cid, video: true }, undefined, 'INVALID_PARAMETER', /^"video" is no member of "params". Allowed: cid, user, media, channels, ice/],
  ['a callback that is none', { cid }, 'f', 'INVALID_REQUEST', /^Callback must be a function/],
  ['an http url for ice', { cid, ice: 'https://x' }, undefined, 'INVALID_PARAMETER', /^"ice" must be "stun:"/],
  ['a turn url, which needs a password', { cid, ice: 'turn:x' }, undefined, 'INVALID_PARAMETER', /^"ice" must be/],
  ['a list for ice', { cid, ice: [] }, undefined, 'INVALID_PARAMETER', /^"ice" must be/],
];
for (const [name, params, callback, code, message] of refusals) {
  test(`a call with ${name} is refused`, () => {
    assert.throws(() => checkCall(params, callback), { code, message });
  });
}

test('a call has one reliable channel unless it says otherwise, and no media', () => {
  const { to, wishes } = checkCall({ user: 'bob', channels: null, media: null, ice: null }, null);
  assert.deepEqual(to, { user: 'bob' });
  assert.deepEqual(wishes.channels, [{ protocol: 'default', ordered: true }]);
  assert.deepEqual([wishes.media, wishes.config], [undefined, {}]);
  assert.deepEqual(checkCall({ cid, channels: [] }, null).wishes.channels, []);
});

test('who accepts needs to say nothing, and cannot say whom', () => {
  assert.deepEqual(checkAccept(undefined, undefined).channels, []);
  assert.throws(() => checkAccept({ cid }, undefined), { message: /^"cid" is no member/ });
});

test('ice is a stun server, or a configuration', () => {
  assert.deepEqual(checkAccept({ ice: 'stun:stun.example.org:3478' }, undefined).config, { iceServers: [{ urls: 'stun:stun.example.org:3478' }] });
  assert.deepEqual(checkAccept({ ice: { iceTransportPolicy: 'relay' } }, undefined).config, { iceTransportPolicy: 'relay' });
});

test('calls are hung up by connection, by user, or all', () => {
  assert.deepEqual([{ cid }, { user: 'bob' }].map(checkClose), [{ cid }, { user: 'bob' }]);
  assert.deepEqual([undefined, null, {}, { close_all: true }, { cid, close_all: true }].map(checkClose), Array(5).fill(undefined));
  assert.throws(() => checkClose({ cid: 7 }), { message: /^"cid" must be/ });
});
