// What users are called and which colour they have. Neither leaves the browser.

const KEY = 'pipit.playground.names'
const NAMES_MAX = 50

// Kept where the browser's other windows find them, so that a third person's window can say "Ann" too; someone unknown is
// called by the start of the user id.
export const names = {
  read() {
    return new Map(JSON.parse(localStorage.getItem(KEY) ?? '[]'))
  },
  of(user) {
    return this.read().get(user) ?? user.slice(0, 8)
  },
  set(user, name) {
    const all = this.read()
    all.delete(user)
    all.set(user, name)
    localStorage.setItem(KEY, JSON.stringify([...all].slice(-NAMES_MAX)))
    this.relabel()
  },
  label(element, user) {
    element.dataset.user = user
    element.textContent = this.of(user)
    return element
  },
  relabel() {
    for (const element of document.querySelectorAll('[data-user]')) this.label(element, element.dataset.user)
  },
  followOtherWindows() {
    addEventListener('storage', event => event.key === KEY && this.relabel())
  },
}

const hues = new Map()

export function setHue(user, hue) {
  hues.set(user, `hue-${hue}`)
}

// The CSS class of a user's colour.
export function hueOf(user) {
  return hues.get(user) ?? 'hue-other'
}
