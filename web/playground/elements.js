// How the page makes and keeps its elements. Whatever arrives is hostile until shown otherwise: it gets in as text only.

const FEEDBACK_MS = 1600
const FOLLOW_DISTANCE_PX = 48

const isAtEnd = list => list.scrollHeight - list.scrollTop - list.clientHeight < FOLLOW_DISTANCE_PX

export function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

export function part(element, testid) {
  return element.querySelector(`[data-testid="${testid}"]`)
}

export function makePart(testid, tag, className, text) {
  const element = make(tag, className, text)
  element.dataset.testid = testid
  return element
}

// Text that stays as it is is not written again: nothing flickers, and nothing is announced twice.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

// Adds at the end, or before another item, drops the oldest over `max`, and scrolls along unless the reader has scrolled back.
export function insertBounded(list, item, max, before = null) {
  const follows = isAtEnd(list)
  list.insertBefore(item, before)
  while (list.children.length > max) list.firstElementChild.remove()
  if (follows) list.scrollTop = list.scrollHeight
}

// Keeps the end of a list in sight when the list gets another height, unless the reader has scrolled back. Where it is then says
// nothing about that: a list that has become lower is not at its end either.
export function followEnd(list) {
  let follows = true
  let top = list.scrollTop
  list.addEventListener('scroll', () => {
    if (isAtEnd(list)) follows = true
    else if (list.scrollTop < top) follows = false
    top = list.scrollTop
  })
  new ResizeObserver(() => follows && (list.scrollTop = list.scrollHeight)).observe(list)
}

// Makes the children of `list` one row for each item, in order. A row that was there before is the same element, and has
// the focus if it had it. `key` is unique; `create` makes an empty row, `update` fills it.
export function keepRows(list, items, { key, create, update }) {
  const focused = document.activeElement
  const wanted = new Set(items.map(key))
  const rows = new Map()
  for (const row of [...list.children]) {
    if (wanted.has(row.dataset.key)) rows.set(row.dataset.key, row)
    else row.remove()
  }
  let next = list.firstElementChild
  for (const item of items) {
    const row = rows.get(key(item)) ?? create(item)
    row.dataset.key = key(item)
    update(row, item)
    if (row === next) next = row.nextElementSibling
    else list.insertBefore(row, next)
  }
  if (focused !== document.activeElement && list.contains(focused)) focused.focus({ preventScroll: true })
}

const FIELDS = 'input, select'

// Makes a change of `element`. If what has the focus there is out of sight afterwards, `next` gets it: who types or listens is
// not left on nothing. Browsers outline whatever gets it from a field, even one that was clicked; the class "from-field" tells.
export function keepFocus(element, next, change) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null
  change()
  if (focused?.getClientRects().length !== 0) return
  next.classList.toggle('from-field', focused.matches(FIELDS))
  next.focus({ preventScroll: true })
}

function flash(button, text) {
  button.dataset.label ??= button.textContent
  button.textContent = text
  clearTimeout(button.timer)
  button.timer = setTimeout(() => (button.textContent = button.dataset.label), FEEDBACK_MS)
}

export async function copyText(button, text, source) {
  try {
    await navigator.clipboard.writeText(text)
    flash(button, 'Copied')
  } catch {
    // No clipboard here (permission, or not a secure context): the selection can still be copied by hand.
    getSelection().selectAllChildren(source)
    flash(button, 'Selected')
  }
}
