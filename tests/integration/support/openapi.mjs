// protocol/openapi.yaml, and whether something is as it says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseYaml } from './yaml.mjs';

const text = readFileSync(new URL('../../../protocol/openapi.yaml', import.meta.url), 'utf8');

// The document with every $ref replaced by what it names. No schema of ours contains itself.
export const openapi = resolved(parseYaml(text));

function resolved(document) {
  const resolve = (node) => {
    if (Array.isArray(node)) return node.map(resolve);
    if (node === null || typeof node !== 'object') return node;
    if (node.$ref === undefined)
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolve(value)]));
    let target = document;
    for (const step of node.$ref.replace(/^#\//, '').split('/')) target = target?.[step];
    assert.ok(target !== undefined, `${node.$ref} leads nowhere`);
    return resolve(target);
  };
  return resolve(document);
}

const isType = {
  object: (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
};

const keywords = {
  type: (value, type) => isType[type](value),
  enum: (value, members) => members.includes(value),
  const: (value, only) => value === only,
  minimum: (value, least) => value >= least,
  maximum: (value, most) => value <= most,
  minLength: (value, least) => value.length >= least,
  maxLength: (value, most) => value.length <= most,
  minItems: (value, least) => value.length >= least,
  maxItems: (value, most) => value.length <= most,
  pattern: (value, pattern) => new RegExp(pattern).test(value),
  items: (value, schema) => value.every((item) => fits(item, schema)),
  required: (value, names) => names.every((name) => Object.hasOwn(value, name)),
  properties: (value, schemas) =>
    Object.entries(schemas).every(([name, schema]) => !Object.hasOwn(value, name) || fits(value[name], schema)),
  additionalProperties: (value, allowed, { properties }) =>
    allowed || Object.keys(value).every((name) => Object.hasOwn(properties, name)),
  oneOf: (value, schemas) => schemas.filter((schema) => fits(value, schema)).length === 1,
  description: () => true,
  default: () => true,
};

// Whether a value is as a schema (of the keywords above) says.
export function fits(value, schema) {
  return Object.entries(schema).every(([keyword, operand]) => {
    assert.ok(keywords[keyword], `no keyword that is checked: ${keyword}`);
    // A keyword says nothing about other types, and `type` comes first.
    return keywords[keyword](value, operand, schema);
  });
}

// That a response { status, headers, body } of an operation is documented, in headers and body, too.
export function expectDocumented(operation, { status, headers, body }) {
  const documented = operation.responses[status];
  assert.ok(documented, `${operation.operationId} answers ${status}, which is not documented: ${body}`);
  for (const [name, header] of Object.entries(documented.headers ?? {})) {
    const sent = headers[name.toLowerCase()];
    const value = header.schema.type === 'integer' ? Number(sent) : sent;
    assert.ok(sent !== undefined && fits(value, header.schema), `${status} has ${name}: ${sent}`);
  }
  if (!documented.content) return assert.equal(body, '');
  const type = headers['content-type'].split(';')[0];
  const media = documented.content[type];
  assert.ok(media, `${operation.operationId} answers ${status} in ${type}`);
  const value = type === 'application/json' ? JSON.parse(body) : body;
  assert.ok(fits(value, media.schema), `${operation.operationId} answers ${status}: ${body}`);
}
