// What protocol/openapi.yaml says is what the server does: every parameter, every status.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deadlineMs } from './support/deadline.mjs';
import { expectDocumented, fits, openapi } from './support/openapi.mjs';
import { temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { ann } from './support/users.mjs';

const { errors } = JSON.parse(readFileSync(new URL('../../protocol/codes.json', import.meta.url), 'utf8'));
const operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);
const having = (wanted) => operations.filter(({ method }) => method === wanted);
const generous = {
  'limits.commands_per_second': 100_000,
  'limits.commands_burst': 100_000,
  'push.resubscribes_per_second': 100_000,
};
// The push service of the examples, whose name nobody has to look up then.
const push = { 'push.allowed_hosts': 'push.example.net' };

const turnSecretFile = join(temporaryFolder({ after }), 'turn.secret');
writeFileSync(turnSecretFile, 'shared by pipit and coturn', { mode: 0o600 });
const turn = { 'turn.urls': 'turn:turn.example', 'turn.secret_file': turnSecretFile };
const server = await startServer({ after }, { settings: { ...generous, ...turn, ...push, 'server.workers': 2 } });
await server.member(ann, 'tea room');
const longestName = 'x'.repeat(255);
await server.member(ann, longestName); // its history is for members

const bearer = (from = server) => ({ Authorization: `Bearer ${from.token(ann, { role: 'admin' })}` });
const json = { 'Content-Type': 'application/json' };
const ownPage = { Origin: 'https://chat.example', Host: 'chat.example' };
const target = (path, query) => `${path}?${new URLSearchParams(query)}`;
const example = ({ requestBody }) => requestBody && requestBody.content['application/json'].example;

const post = (path, members) =>
  server.fetch(path, { method: 'POST', headers: { ...bearer(), ...json }, body: JSON.stringify(members) });

const { push: sent } = JSON.parse((await post('/v1/push/send', example(openapi.paths['/v1/push/send'].post))).body);

const required = ({ parameters = [] }) =>
  Object.fromEntries(
    parameters
      .filter((each) => each.required)
      .map(({ name, example: value }) => [name, name === 'push' ? sent : value]),
  );

// Its progress must be the same whenever it is asked for.
async function isSent() {
  const { body } = await server.fetch(target('/v1/push/sent', { push: sent }), { headers: bearer() });
  return JSON.parse(body).finished;
}
for (const deadline = Date.now() + deadlineMs; !(await isSent()) && Date.now() < deadline; );

// Makes what the example of a request needs: a subscription to replace has to be there.
async function prepare(operation) {
  const { old } = example(operation) ?? {};
  if (!old) return;
  const { keys } = example(operation);
  const subscription = { endpoint: old.endpoint, keys: { ...keys, auth: old.auth } };
  const { status, body } = await post('/v1/push/subscribe', subscription);
  assert.equal(status, 200, body);
}

// What a parameter only has a meaning with.
const companions = {
  value: { searchFor: 'group' },
  condition: { searchFor: 'group', value: 'tea' },
  range: { searchFor: 'group', value: 'tea' },
};

async function ask(path, operation, query) {
  const response = await server.fetch(target(path, { ...required(operation), ...query }), { headers: bearer() });
  expectDocumented(operation, response);
  return response;
}

// The values of a parameter at its edges, and some beyond them.
function edges({ name, schema, example: good, content }) {
  if (name === 'push') return { good: [sent], bad: ['', 'a\nb', 'x'.repeat(schema.maxLength + 1)] };
  if (content) return { good: [], bad: ['7', '{}', '{"cursor":""}', '{"cursor":"AAAA"}', '{"cursor"', '[]'] };
  if (schema.enum) return { good: schema.enum, bad: [`${schema.enum[0]}x`, ''] };
  if (schema.type === 'boolean') return { good: [true, false], bad: ['maybe', '', '1'] };
  if (schema.type === 'integer') {
    const { minimum, maximum } = schema;
    return { good: [minimum, maximum, schema.default], bad: [minimum - 1, maximum + 1, 1.5, -1, '', 'many'] };
  }
  const tooLong = `${longestName}x`;
  return { good: [good, longestName], bad: schema.minLength ? ['', 'a\nb', tooLong] : [tooLong] };
}

for (const { path, operation: get } of having('GET')) {
  test(`${path} is answered with no more than what is needed, and with every example at once`, async () => {
    assert.equal((await ask(path, get, {})).status, 200);
    const examples = get.parameters.filter(({ name }) => !['range', 'startKey', 'before', 'push'].includes(name));
    const query = Object.fromEntries(examples.map(({ name, example: value }) => [name, value]));
    assert.equal((await ask(path, get, query)).status, 200);
  });

  for (const parameter of get.parameters) {
    test(`${path} takes "${parameter.name}" up to its edges and refuses what is beyond`, async () => {
      const { good, bad } = edges(parameter);
      for (const [values, expected] of [
        [good, 200],
        [bad, 400],
      ]) {
        for (const value of values) {
          const { status, body } = await ask(path, get, { ...companions[parameter.name], [parameter.name]: value });
          assert.equal(status, expected, `${value}: ${body}`);
          if (status === 400) assert.ok(JSON.parse(body).message.includes(`"${parameter.name}"`), body);
        }
      }
    });
  }

  test(`${path} is answered to HEAD as to GET`, async () => {
    const url = target(path, required(get));
    const [answer, head] = [
      await server.fetch(url, { headers: bearer() }),
      await server.fetch(url, { method: 'HEAD', headers: bearer() }),
    ];
    assert.deepEqual([head.status, head.body], [200, '']);
    assert.deepEqual(head.headers, answer.headers);
  });
}

for (const { path, operation } of having('POST')) {
  test(`${path} takes its example, and nothing from which a member is missing that it needs`, async () => {
    const { schema, example: members } = operation.requestBody.content['application/json'];
    assert.ok(fits(members, schema), JSON.stringify(members));
    await prepare(operation);
    const response = await post(path, members);
    assert.equal(response.status, 200, response.body);
    expectDocumented(operation, response);
    for (const name of schema.required) {
      const refused = await post(path, { ...members, [name]: undefined });
      assert.equal(refused.status, 400, refused.body);
      expectDocumented(operation, refused);
      assert.ok(JSON.parse(refused.body).message.includes(`"${name}"`), refused.body);
    }
  });
}

const started = (t, settings) => startServer(t, { settings: { ...push, ...settings } });

// Asks what would be answered, but for the changes. `asked`: { url, method, operation }.
const again = ({ url, method, operation }, from = server, { headers = {}, ...changes } = {}) =>
  from.fetch(url, {
    method,
    headers: { ...bearer(from), ...(method === 'POST' && json), ...headers },
    body: method === 'POST' ? JSON.stringify(example(operation)) : undefined,
    ...changes,
  });
const withMembers = (asked, members) =>
  again(asked, server, { body: JSON.stringify({ ...example(asked.operation), ...members }) });

// How to come by each status.
const provoked = {
  200: async (asked) => {
    await prepare(asked.operation);
    return again(asked);
  },
  204: ({ url }) => server.fetch(url, { method: 'OPTIONS', headers: ownPage }),
  400: (asked) =>
    asked.method === 'POST'
      ? again(asked, server, { body: '{' })
      : again({ ...asked, url: `${asked.url}&limit=0&push=` }),
  401: ({ url, method }) => server.fetch(url, { method, headers: json }),
  403: ({ url, method }) => server.fetch(url, { method, headers: { ...bearer(), Origin: 'https://evil.example' } }),
  404: (asked) =>
    asked.method === 'POST'
      ? withMembers(asked, { old: { ...example(asked.operation).old, auth: 'AAAAAAAAAAAAAAAAAAAAAA' } })
      : again({ ...asked, url: `${asked.url}&push=999999` }),
  405: ({ url, method }) => server.fetch(url, { method: method === 'GET' ? 'POST' : 'GET', headers: bearer() }),
  413: (asked) => withMembers(asked, { filler: 'x'.repeat(64 << 10) }),
  415: (asked) => again(asked, server, { headers: { 'Content-Type': 'text/plain' } }),
  429: async (asked, t) => {
    const strict = await started(t, {
      'limits.commands_per_second': 1,
      'limits.commands_burst': 1,
      'push.resubscribes_per_second': 1,
      'server.workers': 1,
    });
    let response;
    for (let attempt = 0; attempt < 1_000 && response?.status !== 429; ++attempt) {
      response = await again(asked, strict);
    }
    return response;
  },
  431: (asked) => again({ ...asked, url: `${asked.url}&value=${'x'.repeat(17_000)}` }),
  501: async (asked, t) => again(asked, await started(t, { 'push.enabled': false })),
  503: async (asked, t) => {
    const stopping = await started(t, { 'drain.spread_ms': 100 });
    const client = await stopping.signIn(ann, { answersClose: false });
    stopping.signal('SIGTERM');
    await client.closed();
    return again(asked, stopping);
  },
};

for (const { path, method, operation } of operations) {
  for (const status of Object.keys(operation.responses)) {
    test(`${method} ${path} answers ${status} as documented`, async (t) => {
      assert.ok(provoked[status], 'there is a way to come by it');
      const { get, post: posting } = openapi.paths[path];
      const url = target(path, required(get ?? posting));
      const response = await provoked[status]({ url, method, operation }, t);
      assert.equal(response.status, Number(status), response.body);
      expectDocumented(operation, response);
    });
  }
}

test('the examples of answers are as their schemas and codes.json say', () => {
  const responses = operations.flatMap(({ operation }) => Object.values(operation.responses));
  for (const { content = {} } of responses) {
    for (const { schema, example: answer } of Object.values(content)) {
      if (answer === undefined) continue;
      assert.ok(fits(answer, schema), JSON.stringify(answer));
      if (!answer.reason) continue;
      const { code, retry } = errors.find(({ reason }) => reason === answer.reason);
      assert.deepEqual([answer.code, answer.retry], [code, retry]);
    }
  }
});
