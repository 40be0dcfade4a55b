// What becomes of something that was sent: a line for each thing that is known of it, with the time it took, and for a push its
// numbers.

import { make, makePart, part, setText } from '/playground/elements.js'
import { names } from '/playground/names.js'

const NUMBERS = ['reached', 'delivered', 'waiting', 'gone', 'refused', 'expired']
const LINES_MAX = 12

const browsers = count => (count === 1 ? '1 browser' : `${count} browsers`)

function summary({ reached, delivered, gone, refused, expired }) {
  if (reached === 0) return 'There was nobody to reach: no browser notifies whom it is for.'
  const rest = [
    [gone, 'gone: their subscriptions have ended and are deleted'],
    [refused, 'refused by the push service'],
    [expired, 'too late'],
  ]
  const others = rest.filter(([count]) => count > 0).map(([count, what]) => `, ${count} ${what}`)
  return `Delivered to the push service for ${delivered} of ${browsers(reached)}${others.join('')}.`
}

export class PushOutcome {
  #id
  #begun
  #sent
  #told = new Set()

  // `element` has a list of lines and one of numbers.
  constructor(element) {
    this.element = element
  }

  // Forgets what was sent before. `sent` is { sender?, message? }, by which those who are connected know it. Returns the id by
  // which its notification is known.
  begin(sent) {
    this.#id = crypto.randomUUID()
    this.#begun = performance.now()
    this.#sent = sent
    this.#told.clear()
    part(this.element, 'push-lines').replaceChildren()
    part(this.element, 'push-numbers').hidden = true
    this.element.hidden = false
    return this.#id
  }

  accept(id) {
    if (id === this.#id) this.#tell('accepted', 'Accepted by the server')
  }

  refuse(id, error) {
    if (id !== this.#id) return
    this.#tell('problem', error.message, error.code)
  }

  // Numbers of the SDK's.
  progress(id, numbers) {
    if (id !== this.#id) return
    const list = part(this.element, 'push-numbers')
    list.hidden = false
    for (const name of NUMBERS) setText(part(list, `push-${name}`), String(numbers[name]))
    if (numbers.error) return this.refuse(id, numbers.error)
    if (!numbers.finished) return
    this.#tell('finished', summary(numbers))
  }

  // Somebody on this page was told `event` on the socket.
  hear(user, { type, sender, message }) {
    const isIt = ['message', 'private'].includes(type) && sender === this.#sent?.sender && message === this.#sent.message
    if (isIt) this.#tell(`heard ${user}`, [names.label(make('strong'), user), ' has it on the socket'])
  }

  // This browser has shown `notification`, which is for `owner`.
  show({ data }, owner) {
    if (data?.id !== this.#id) return
    const whom = owner ? [', for ', names.label(make('strong'), owner)] : []
    this.#tell('shown', ['Pushed: this browser shows it', ...whom])
  }

  click({ data }) {
    if (data?.id === this.#id) this.#tell('clicked', 'The notification was clicked')
  }

  #tell(what, content, code) {
    const lines = part(this.element, 'push-lines')
    if (this.#told.has(what) || lines.children.length === LINES_MAX) return
    this.#told.add(what)
    const line = makePart('push-line', 'li', what === 'problem' ? 'problem' : '')
    line.dataset.what = what.split(' ')[0]
    const text = make('span')
    if (code) text.append(make('code', '', code), ' ')
    text.append(...[content].flat())
    line.append(text, make('span', 'push-time', `${Math.round(performance.now() - this.#begun)} ms`))
    lines.append(line)
  }
}
