// Tokens for the asking, which a server gives in development only; in production the application's backend signs them.

// `role` may be "admin".
export async function fetchDevToken(user, role) {
  const query = new URLSearchParams(role ? { user, role } : { user })
  const response = await fetch(`/dev/token?${query}`)
  if (!response.ok) throw new Error(`GET /dev/token answered ${response.status}`)
  return (await response.json()).token
}

// Whether the server refuses tokens to this page: it is at another address than the machine's own, or behind a proxy.
export async function refusesDevTokens() {
  const { status } = await fetch('/dev/token?user=anyone')
  return status === 403
}
