import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PipitError } from './errors.js';
import { readForm } from './forms.js';

/** As much of a form as is read; the browser tests have real ones. */
class FakeForm {
  constructor(
    private readonly controls: FakeControl[],
    private readonly action: string | null = null,
  ) {}

  get elements() {
    return this.controls;
  }

  getAttribute(name: string): string | null {
    return name === 'action' ? this.action : null;
  }
}

interface FakeOption {
  value: string;
  matches(selector: string): boolean;
}

interface Properties {
  value?: string;
  checked?: boolean;
  disabled?: boolean;
  files?: { length: number };
  selectedOptions?: FakeOption[];
  formaction?: string;
}

class FakeControl {
  readonly value: string;
  readonly checked: boolean;
  readonly files: { length: number } | null;
  readonly selectedOptions: FakeOption[];

  constructor(
    readonly type: string,
    readonly name: string,
    private readonly properties: Properties = {},
  ) {
    this.value = properties.value ?? (type === 'checkbox' || type === 'radio' ? 'on' : '');
    this.checked = properties.checked ?? false;
    this.files = properties.files ?? null;
    this.selectedOptions = properties.selectedOptions ?? [];
  }

  matches = () => this.properties.disabled ?? false;
  hasAttribute = () => this.properties.value !== undefined;
  getAttribute = () => this.properties.formaction ?? null;
}

before(() => void Object.assign(globalThis, { HTMLFormElement: FakeForm }));
after(() => void Reflect.deleteProperty(globalThis, 'HTMLFormElement'));

const control = (type: string, name: string, properties?: Properties) => new FakeControl(type, name, properties);
const read = (...controls: FakeControl[]) => readForm(new FakeForm(controls))?.data;

function submit(form: unknown, submitter: FakeControl | null = null) {
  const event = { prevented: false, target: form, submitter, preventDefault: () => void (event.prevented = true) };
  return event;
}

const refusal = (text: RegExp) => (error: unknown) =>
  error instanceof PipitError && error.code === 'INVALID_PARAMETER' && text.test(error.message);

test('a chosen file is refused by its name, an empty file field is nothing', () => {
  assert.throws(() => read(control('file', 'photo', { files: { length: 1 } })), refusal(/^"photo" is a file/));
  assert.deepEqual(read(control('file', 'photo', { files: { length: 0 } })), {});
  const entries = new FormData();
  entries.append('photo', new Blob(['x']));
  assert.throws(() => readForm(entries), refusal(/^"photo" is a file/));
});

test('an event of something else than a form is refused, and prevented all the same', () => {
  const event = submit({});
  assert.throws(() => readForm(event), refusal(/submit event/));
  assert.equal(event.prevented, true);
});

for (const value of [undefined, null, 0, '', 'text', true, {}, [], { group: 'tea' }, { target: 1 }, { preventDefault: true }]) {
  test(`is no form: ${JSON.stringify(value)}`, () => assert.equal(readForm(value), undefined));
}

test('fields that are disabled, nameless or buttons are left out', () => {
  const names = ['button', 'reset', 'submit', 'image', 'fieldset', 'output'].map((type) => control(type, type, { value: 'x' }));
  assert.deepEqual(read(...names, control('text', ''), control('text', 'a', { disabled: true }), control('text', 'b')), { b: '' });
});

test('number and range become numbers, an empty one null', () => {
  const fields = [control('number', 'a', { value: '-1.5' }), control('range', 'b', { value: '0' }), control('number', 'c')];
  assert.deepEqual(read(...fields), { a: -1.5, b: 0, c: null });
});

test('a checkbox without a value is a boolean, one with a value that or nothing', () => {
  const fields = [control('checkbox', 'a', { checked: true }), control('checkbox', 'b')];
  fields.push(control('checkbox', 'c', { value: 'yes', checked: true }), control('checkbox', 'd', { value: 'yes' }));
  assert.deepEqual(read(...fields), { a: true, b: false, c: 'yes' });
});

test('several checkboxes of one name are an array, however many are checked', () => {
  const boxes = (...checked: boolean[]) => checked.map((on, i) => control('checkbox', 'a', { value: String(i), checked: on }));
  assert.deepEqual(read(...boxes(true, false, true)), { a: ['0', '2'] });
  assert.deepEqual(read(...boxes(false, true, false)), { a: ['1'] });
  assert.deepEqual(read(...boxes(false, false)), { a: [] });
});

test('of radio buttons the chosen value is taken', () => {
  const choice = (value: string, checked = false) => control('radio', 'a', { value, checked });
  assert.deepEqual(read(choice('x'), choice('y', true), choice('z')), { a: 'y' });
  assert.deepEqual(read(choice('x'), choice('y')), {});
});

test('a select of several is an array of what is chosen and not disabled, of one a value', () => {
  const options = [
    { value: 'x', matches: () => false },
    { value: 'disabled', matches: () => true },
  ];
  assert.deepEqual(read(control('select-multiple', 'a', { selectedOptions: options }), control('select-one', 'b', { value: 'y' })), {
    a: ['x'],
    b: 'y',
  });
});

test('names nest, and repeat into arrays', () => {
  const fields = ['a[b]', 'a[c][]', 'a[c][]', 'd', 'd'].map((name, i) => control('text', name, { value: String(i) }));
  assert.deepEqual(read(...fields), { a: { b: '0', c: ['1', '2'] }, d: ['3', '4'] });
});

test('the button that submitted is included, others are not', () => {
  const save = control('submit', 'how', { value: 'save' });
  const event = submit(new FakeForm([control('text', 'a'), control('submit', 'how', { value: 'drop' }), save]), save);
  assert.deepEqual(readForm(event), { data: { a: '', how: 'save' }, action: null });
  assert.equal(event.prevented, true);
});

test('an action is where to go, that of the button first, an empty one nowhere', () => {
  const button = control('submit', '', { formaction: '/b' });
  assert.equal(readForm(submit(new FakeForm([], '/a')))?.action, '/a');
  assert.equal(readForm(submit(new FakeForm([], '/a'), button))?.action, '/b');
  assert.equal(readForm(submit(new FakeForm([], '')))?.action, null);
});

test('a FormData gives its entries, without numbers or booleans', () => {
  const entries = new FormData();
  for (const [name, value] of [['a', '1'], ['b[c]', 'x'], ['d', 'y'], ['d', 'z']] as const) entries.append(name, value);
  assert.deepEqual(readForm(entries), { data: { a: '1', b: { c: 'x' }, d: ['y', 'z'] }, action: null });
});
