// Where a click leads.

type Payload = Record<string, unknown>;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** What the author wants opened: of the button, where it has its own, else of the notification. */
function wanted(payload: Payload, action: string): string | undefined {
  const actions: unknown[] = Array.isArray(payload.actions) ? payload.actions : [];
  const chosen = actions.find((one) => action !== '' && (one as Payload | null)?.action === action) as Payload | undefined;
  return textOf(chosen?.url) ?? textOf(payload.url);
}

function parsed(text: string, base: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

/**
 * The page to show: one of http or https, and of the worker's own origin or one of `origins`, for whoever may post may write a
 * notification. Anything else is the begin of the worker's scope.
 */
export function targetOf(payload: Payload, action: string, scope: string, origins: readonly string[]): string {
  const url = parsed(wanted(payload, action) ?? scope, scope);
  const isAllowed = url && /^https?:$/.test(url.protocol) && [new URL(scope).origin, ...origins].includes(url.origin);
  return isAllowed ? url.href : scope;
}

const withoutHash = (url: string): string => url.replace(/#.*$/, '');

/** The window that shows the page; else one that shows it at another place; for the scope itself any window within. */
export function windowFor<Window extends { url: string }>(windows: readonly Window[], target: string, scope: string): Window | undefined {
  return (
    windows.find(({ url }) => url === target) ??
    windows.find(({ url }) => withoutHash(url) === withoutHash(target)) ??
    (target === scope ? windows.find(({ url }) => url.startsWith(scope)) : undefined)
  );
}
