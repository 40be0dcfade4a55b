// What one person sees being said, and who comes and goes.

import { appendBounded, make, makePart } from '/playground/elements.js'
import { hueOf, names } from '/playground/names.js'

const ITEMS_MAX = 300

const NOTICES = {
  USER_JOINED: 'joined',
  USER_LEFT: 'left',
  USER_DISCONNECTED: 'lost the connection',
}

export class Conversation {
  // `element` is the stream, `user` whose it is.
  constructor(element, user) {
    this.element = element
    this.user = user
  }

  append(item) {
    appendBounded(this.element, item, ITEMS_MAX)
  }

  showLine(text) {
    this.append(makePart('line', 'p', 'line', text))
  }

  showNotice({ sender, code, message }) {
    const line = makePart('notice', 'p', 'line')
    line.dataset.code = code
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

  showBubble({ kind, sender, to, message }) {
    const own = sender === this.user
    const before = this.element.lastElementChild
    const bubble = makePart('bubble', 'article', `bubble ${own ? 'own' : 'other'} ${kind}`)
    bubble.dataset.kind = kind
    bubble.dataset.sender = sender
    if (before?.dataset.sender === sender && before.dataset.kind === kind) bubble.classList.add('follows')

    const by = make('p', `by ${hueOf(sender)}`)
    by.append(names.label(make('strong'), sender))
    if (to) by.append(' to ', names.label(make('strong'), to))
    if (kind === 'private') by.append(' · private')

    const isText = typeof message === 'string'
    bubble.append(by, makePart('bubble-text', 'p', isText ? 'text' : 'text json', isText ? message : JSON.stringify(message)))
    this.append(bubble)
  }
}
