// What is shown of what came: always something, for a browser takes the permission from who shows nothing.

type Payload = Record<string, unknown>;

/** The members that the browser knows, under their own names. */
const OPTIONS = ['body', 'icon', 'image', 'badge', 'actions', 'tag', 'renotify', 'silent', 'requireInteraction', 'timestamp', 'vibrate', 'lang', 'dir'];

export interface Shown {
  title: string;
  /** `data.pipit` is the payload: a click finds there what it opens. */
  options: NotificationOptions;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The notification as its author wrote it. What is no such object is taken for the text to show. */
export function readPayload(text: string): Payload {
  const value = parsed(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : { body: text };
}

/** @param titleElse where the author has written none */
export function toShown(payload: Payload, titleElse: string): Shown {
  const { title } = payload;
  const given = OPTIONS.filter((name) => (payload[name] ?? null) !== null);
  return {
    title: typeof title === 'string' && title.trim() !== '' ? title : titleElse,
    options: { ...Object.fromEntries(given.map((name) => [name, payload[name]])), data: { pipit: payload } },
  };
}

/** What every browser takes, in place of options that it has refused. */
export function plain({ options: { body, tag, data } }: Shown): NotificationOptions {
  return { body: String(body ?? ''), tag: String(tag ?? ''), data };
}
