// Tokens for the asking, which a server gives in development only; in production the application's backend signs them.

// `role` may be "admin".
export async function fetchDevToken(user, role) {
  const query = new URLSearchParams(role ? { user, role } : { user })
  const response = await fetch(`/dev/token?${query}`)
  if (!response.ok) throw new Error(`GET /dev/token answered ${response.status}`)
  return (await response.json()).token
}
