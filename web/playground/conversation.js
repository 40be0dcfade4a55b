// What one person sees being said, and who comes and goes.

import { followEnd, insertBounded, make, makePart } from '/playground/elements.js'
import { hueOf, names } from '/playground/names.js'

const ITEMS_MAX = 300

const NOTICES = {
  USER_JOINED: 'joined',
  USER_LEFT: 'left',
  USER_DISCONNECTED: 'lost the connection',
}

function missedText({ sender_rid: group, missed }) {
  const [one, several] = group === null ? ['private message', 'private messages'] : ['message or notice', 'messages and notices']
  if (missed === undefined) return `Perhaps ${several} were missed here`
  return missed === 1 ? `1 ${one} was missed here` : `${missed} ${several} were missed here`
}

export class Conversation {
  // `element` is the stream, `user` whose it is.
  constructor(element, user) {
    this.element = element
    this.user = user
    followEnd(element)
  }

  append(item) {
    insertBounded(this.element, item, ITEMS_MAX)
  }

  showLine(text) {
    this.append(makePart('line', 'p', 'line', text))
  }

  showNotice({ sender, code, message, offset }) {
    const line = makePart('notice', 'p', 'line')
    line.dataset.code = code
    line.dataset.offset = offset
    line.title = message
    line.append(names.label(make('strong'), sender), ` ${NOTICES[code] ?? code}`)
    this.append(line)
  }

  showProblem({ code, message, cause }) {
    const line = makePart('problem', 'p', 'line problem')
    if (code) line.append(make('code', '', code), ' ')
    line.append(cause ? `${message} ${cause.message}` : message)
    this.append(line)
  }

  // Returns the line, for fillGap().
  showGap(event) {
    const line = makePart('gap', 'p', 'line', missedText(event))
    line.title = event.message
    this.append(line)
    return line
  }

  // Shows below the line of a gap those messages of the group's that stand before what was shown there meanwhile.
  fillGap(line, messages) {
    const next = line.nextElementSibling
    let shown = next
    while (shown !== null && !shown.dataset.offset) shown = shown.nextElementSibling
    for (const message of messages) {
      if (line.parentElement !== this.element) return // the oldest items go
      if (shown === null || message.offset < Number(shown.dataset.offset)) this.showBubble({ kind: 'message', ...message }, next)
    }
  }

  // `offset` is that of a message to the group. Before another item, or at the end.
  showBubble({ kind, sender, to, message, offset }, next = null) {
    const own = sender === this.user
    const before = next === null ? this.element.lastElementChild : next.previousElementSibling
    const bubble = makePart('bubble', 'article', `bubble ${own ? 'own' : 'other'} ${kind}`)
    bubble.dataset.kind = kind
    bubble.dataset.sender = sender
    if (kind === 'message') bubble.dataset.offset = offset
    if (before?.dataset.sender === sender && before.dataset.kind === kind) bubble.classList.add('follows')

    const by = make('p', `by ${hueOf(sender)}`)
    by.append(names.label(make('strong'), sender))
    if (to) by.append(' to ', names.label(make('strong'), to))
    if (kind === 'private') by.append(' · private')

    const isText = typeof message === 'string'
    bubble.append(by, makePart('bubble-text', 'p', isText ? 'text' : 'text json', isText ? message : JSON.stringify(message)))
    insertBounded(this.element, bubble, ITEMS_MAX, next)
  }
}
