// What tells that somebody rings to who does not look at the page: its title, for as long as it rings on one of its cards.

import { names } from '/playground/names.js'

const callers = new Map()
let quietTitle = ''

// `caller` is the user who rings on `card`, or null.
export function showRinging(card, caller) {
  if (callers.size === 0) quietTitle = document.title
  if (caller === null) callers.delete(card)
  else callers.set(card, caller)
  const [first] = callers.values()
  document.title = first ? `${names.of(first)} is calling · ${quietTitle}` : quietTitle
}
