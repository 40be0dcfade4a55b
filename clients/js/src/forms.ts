// A browser's form, read as the data that a call takes.
import { toData } from './core/fields.js';
import type { Field } from './core/fields.js';
import { invalidParameter } from './errors.js';

export interface FormContent {
  data: Record<string, unknown>;
  /** Where to go after success. */
  action: string | null;
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLButtonElement;

function noFile(name: string): never {
  throw invalidParameter(`"${name}" is a file: a message is JSON and can't hold one.`);
}

/** The values that a control contributes; undefined when it is none that does. */
function valuesOf(control: Control, submitter: unknown): unknown[] | undefined {
  switch (control.type) {
    case 'submit':
      return control === submitter ? [control.value] : undefined;
    case 'button':
    case 'reset':
    case 'image':
    case 'fieldset':
    case 'output':
      return undefined;
    case 'number':
    case 'range':
      return [control.value === '' ? null : Number(control.value)];
    case 'checkbox': {
      const { checked } = control as HTMLInputElement;
      if (!control.hasAttribute('value')) return [checked];
      return checked ? [control.value] : [];
    }
    case 'radio':
      return (control as HTMLInputElement).checked ? [control.value] : undefined;
    case 'file':
      return (control as HTMLInputElement).files?.length ? noFile(control.name) : undefined;
    case 'select-multiple':
      return Array.from((control as HTMLSelectElement).selectedOptions)
        .filter((option) => !option.matches(':disabled'))
        .map((option) => option.value);
    default:
      return [control.value];
  }
}

function add(fields: Map<string, Field>, name: string, values: unknown[], many: boolean) {
  const field = fields.get(name);
  if (field === undefined) {
    fields.set(name, { name, values, many });
  } else {
    field.values.push(...values);
    field.many = true;
  }
}

function readElement(form: HTMLFormElement, submitter: HTMLElement | null): FormContent {
  const fields = new Map<string, Field>();
  // A control named "elements" or "getAttribute" hides that member of the form, but not of its prototype.
  const controls = Reflect.get(HTMLFormElement.prototype, 'elements', form) as unknown as Iterable<Control>;
  for (const control of controls) {
    if (!control.name || control.matches(':disabled')) continue;
    const values = valuesOf(control, submitter);
    if (values !== undefined) add(fields, control.name, values, control.type === 'select-multiple');
  }
  const action = submitter?.getAttribute('formaction') || HTMLFormElement.prototype.getAttribute.call(form, 'action');
  return { data: toData([...fields.values()]), action: action || null };
}

function readFormData(entries: FormData): FormContent {
  const fields = new Map<string, Field>();
  entries.forEach((value, name) => {
    add(fields, name, [typeof value === 'string' ? value : noFile(name)], false);
  });
  return { data: toData([...fields.values()]), action: null };
}

const isElement = (input: unknown): input is HTMLFormElement =>
  typeof HTMLFormElement !== 'undefined' && input instanceof HTMLFormElement;

/**
 * Reads a SubmitEvent (and prevents what the browser would do), an HTMLFormElement or a FormData. Undefined for anything
 * else. The submit button's name and value are included. Number and range fields become numbers, null when empty; a checkbox
 * without a value a boolean; several fields of one name an array. A file is refused with INVALID_PARAMETER.
 */
export function readForm(input: unknown): FormContent | undefined {
  if (isElement(input)) return readElement(input, null);
  if (typeof FormData !== 'undefined' && input instanceof FormData) return readFormData(input);
  const event = input as SubmitEvent | null | undefined;
  if (typeof event !== 'object' || typeof event?.preventDefault !== 'function') return undefined;
  event.preventDefault();
  if (!isElement(event.target)) throw invalidParameter('The event must be the submit event of a form.');
  return readElement(event.target, event.submitter ?? null);
}
