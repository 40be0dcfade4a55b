// skapi-js with the tokens of an identity provider, as the hosted service's: RS256, and the service in the id token only.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { temporaryFolder } from '../integration/support/program.mjs';
import { SigningKey, inSeconds, keySet } from '../integration/support/tokens.mjs';
import { closed, notConnected } from './suites/events.mjs';
import { TEA, inWorld } from './support/world.mjs';

const PROVIDER = { issuer: 'https://id.example.com/pool', client_ids: ['tea-app'], jwks_file: join(temporaryFolder({ after }), 'keys.json') };
const KEY = new SigningKey('RS256', 'pool-1');
// Of the same name, and nobody knows it.
const FORGERS_KEY = new SigningKey('RS256', 'pool-1');
writeFileSync(PROVIDER.jwks_file, keySet(KEY));

function tokensOf(user, { key = KEY, admin = false } = {}) {
  const both = { iss: PROVIDER.issuer, sub: user, auth_time: inSeconds(0), iat: inSeconds(0), exp: inSeconds(3600) };
  const service = { 'custom:service': TEA.id, 'custom:owner': TEA.owner, access_group: admin ? 99 : 1 };
  return {
    idToken: key.sign({ ...both, ...service, 'cognito:username': user, aud: 'tea-app', token_use: 'id' }),
    accessToken: key.sign({ ...both, username: user, client_id: 'tea-app', scope: 'aws.cognito.signin.user.admin', token_use: 'access' }),
    refreshToken: 'of the provider, who alone can read it',
  };
}

describe('skapi-js with tokens of an identity provider', () => {
  const world = inWorld({ before, after, afterEach }, { way: 'planted', services: [{ ...TEA, ...PROVIDER }] });
  const signedBy = (options) => {
    const user = randomUUID();
    return { user, tokens: tokensOf(user, options) };
  };

  test('people meet, are listed, and are who the tokens say', async () => {
    const { user, tokens } = signedBy();
    const ann = await world().guest('tea', { tokens });
    const ben = await world().guest('tea', signedBy());
    await ann.evaluate(() => me.post('"hello"', 'tea'));
    const { sender } = await ben.evaluate(() => me.heard('"hello"'));
    const { list } = await ben.evaluate(() => me.pipit.getRealtimeUsers({ group: 'tea' }));
    assert.equal(sender, user);
    assert.deepEqual(list.map(({ user_id }) => user_id).sort(), [ann.user, ben.user].sort());
  });

  test('an admin may notify everyone, and nobody else may', async () => {
    const [ann, admin] = [await world().member(signedBy()), await world().member(signedBy({ admin: true }))];
    const notify = () => me.pipit.pushNotification({ title: 'Tea', body: 'It is ready.' });
    const refused = await ann.evaluate(`refusal(${notify})`);
    await admin.evaluate(notify);
    assert.equal(refused.code, 'INVALID_REQUEST');
  });

  test('whoever has signed them himself is not let in', async () => {
    const eve = await world().member(signedBy({ key: FORGERS_KEY, admin: true }));
    const events = await eve.evaluate(async () => {
      await me.pipit.connectRealtime(me.hear);
      await me.first('close');
      return me.events;
    });
    const refused = await eve.evaluate(() => refusal(() => me.pipit.getRealtimeGroups()));
    assert.deepEqual(events, [notConnected, closed]);
    assert.ok(refused.code && refused.message, JSON.stringify(refused));
  });
});
