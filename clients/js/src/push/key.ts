/** The key that a subscription of the browser was made with, in base64url; undefined where the browser does not tell. */
export function keyOf({ options }: PushSubscription): string | undefined {
  const key = options?.applicationServerKey;
  if (!key) return undefined;
  return btoa(String.fromCharCode(...new Uint8Array(key))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}
