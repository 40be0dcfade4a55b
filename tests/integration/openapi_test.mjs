// What protocol/openapi.yaml says is what the server does: every parameter, every status.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { expectDocumented, fits, openapi } from './support/openapi.mjs';
import { temporaryFolder } from './support/program.mjs';
import { startServer } from './support/server.mjs';
import { ann } from './support/users.mjs';

const { errors } = JSON.parse(readFileSync(new URL('../../protocol/codes.json', import.meta.url), 'utf8'));
const operations = Object.entries(openapi.paths).map(([path, { get, options }]) => ({ path, get, options }));
const generous = { 'limits.commands_per_second': 100_000, 'limits.commands_burst': 100_000 };

const turnSecretFile = join(temporaryFolder({ after }), 'turn.secret');
writeFileSync(turnSecretFile, 'shared by pipit and coturn', { mode: 0o600 });
const turn = { 'turn.urls': 'turn:turn.example', 'turn.secret_file': turnSecretFile };
const server = await startServer({ after }, { settings: { ...generous, ...turn, 'server.workers': 2 } });
await server.member(ann, 'tea room');

const bearer = (from = server) => ({ Authorization: `Bearer ${from.token(ann)}` });
const ownPage = { Origin: 'https://chat.example', Host: 'chat.example' };
const target = (path, query) => `${path}?${new URLSearchParams(query)}`;
const required = ({ parameters }) =>
  Object.fromEntries(parameters.filter((each) => each.required).map(({ name, example }) => [name, example]));

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
function edges({ schema, example, content }) {
  if (content) return { good: [], bad: ['7', '{}', '{"cursor":""}', '{"cursor":"AAAA"}', '{"cursor"', '[]'] };
  if (schema.enum) return { good: schema.enum, bad: [`${schema.enum[0]}x`, ''] };
  if (schema.type === 'boolean') return { good: [true, false], bad: ['maybe', '', '1'] };
  if (schema.type === 'integer') {
    const { minimum, maximum } = schema;
    return { good: [minimum, maximum, schema.default], bad: [minimum - 1, maximum + 1, 1.5, -1, '', 'many'] };
  }
  const longest = 'x'.repeat(255);
  return { good: [example, longest], bad: schema.minLength ? ['', 'a\nb', `${longest}x`] : [`${longest}x`] };
}

for (const { path, get } of operations) {
  test(`${path} is answered with no more than what is needed, and with every example at once`, async () => {
    assert.equal((await ask(path, get, {})).status, 200);
    const examples = get.parameters.filter(({ name }) => name !== 'range' && name !== 'startKey');
    const query = Object.fromEntries(examples.map(({ name, example }) => [name, example]));
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

// How to come by each status. Each gets the target of a request that would be answered.
const provoked = {
  200: (url) => server.fetch(url, { headers: bearer() }),
  204: (url) => server.fetch(url, { method: 'OPTIONS', headers: ownPage }),
  400: (url) => server.fetch(`${url}&limit=0`, { headers: bearer() }),
  401: (url) => server.fetch(url),
  403: (url, method) => server.fetch(url, { method, headers: { ...bearer(), Origin: 'https://evil.example' } }),
  405: (url) => server.fetch(url, { method: 'POST', headers: bearer() }),
  429: async (url, method, t) => {
    const strict = await startServer(t, { settings: { 'limits.commands_per_second': 1, 'limits.commands_burst': 1 } });
    let response;
    do {
      response = await strict.fetch(url, { headers: bearer(strict) });
    } while (response.status === 200);
    return response;
  },
  431: (url) => server.fetch(`${url}&value=${'x'.repeat(17_000)}`, { headers: bearer() }),
  503: async (url, method, t) => {
    const stopping = await startServer(t, { settings: { 'drain.spread_ms': 100 } });
    const client = await stopping.signIn(ann, { answersClose: false });
    stopping.signal('SIGTERM');
    await client.closed();
    return stopping.fetch(url, { headers: bearer(stopping) });
  },
};

for (const { path, get, options } of operations) {
  for (const [method, operation] of Object.entries({ GET: get, OPTIONS: options })) {
    for (const status of Object.keys(operation.responses)) {
      test(`${method} ${path} answers ${status} as documented`, async (t) => {
        assert.ok(provoked[status], 'there is a way to come by it');
        const response = await provoked[status](target(path, required(get)), method, t);
        assert.equal(response.status, Number(status), response.body);
        expectDocumented(operation, response);
      });
    }
  }
}

test('the examples of answers are as their schemas and codes.json say', () => {
  const responses = operations.flatMap(({ get, options }) =>
    [get, options].flatMap(({ responses: byStatus }) => Object.values(byStatus)),
  );
  for (const { content = {} } of responses) {
    for (const { schema, example } of Object.values(content)) {
      if (example === undefined) continue;
      assert.ok(fits(example, schema), JSON.stringify(example));
      if (!example.reason) continue;
      const { code, retry } = errors.find(({ reason }) => reason === example.reason);
      assert.deepEqual([example.code, example.retry], [code, retry]);
    }
  }
});
