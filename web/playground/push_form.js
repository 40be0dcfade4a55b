// Who sends what to whom, and whether as a post that is pushed to those who are away, or as a push.

import { make, part, setText } from '/playground/elements.js'
import { hueOf, names } from '/playground/names.js'

const [SELF, GROUP, EVERYONE] = ['self', 'group', 'everyone']
const USER = 'user:'
const USERS_MAX = 50

export class PushForm {
  // Users who may be sent to, besides the people on the page.
  #met = []

  // `isNotifiedHere(user)` tells whether this browser notifies somebody; `send` is called with what send() says below.
  constructor(element, { people, isNotifiedHere, send }) {
    Object.assign(this, { element, people, isNotifiedHere, send })
    const { from } = element.elements
    from.replaceChildren(...people.map(({ user }) => Object.assign(names.label(make('option'), user), { value: user })))
    part(element, 'push-from').hidden = people.length < 2
    element.addEventListener('change', () => this.show())
    element.addEventListener('submit', event => this.#submit(event))
    part(element, 'push-close').addEventListener('click', () => this.#closeOther())
    for (const person of people) {
      person.addEventListener('change', () => this.show())
      person.addEventListener('told', ({ detail }) => this.#meet(detail.sender))
    }
    this.show()
  }

  get #from() {
    return this.people.find(({ user }) => user === this.element.elements.from.value)
  }

  // { user } or { group }; undefined is everyone.
  get #to() {
    const { value } = this.element.elements.to
    if (value === EVERYONE) return undefined
    if (value === SELF) return { user: this.#from.user }
    return value === GROUP ? { group: this.#from.group } : { user: value.slice(USER.length) }
  }

  // `how` is "post" or "push"; `from` is a person.
  #submit(event) {
    event.preventDefault()
    this.send({ how: event.submitter.value, from: this.#from, to: this.#to, notification: this.#notification(event.submitter.value) })
  }

  #notification(how) {
    const { title, body, url, icon, urgency, always } = this.element.elements
    const notification = { title: title.value, body: body.value }
    if (url.value) notification.url = url.value
    if (icon.value) notification.icon = icon.value
    const config = {}
    if (urgency.value !== 'normal') config.urgency = urgency.value
    if (how === 'post' && always.checked) config.always = true
    return Object.keys(config).length > 0 ? { ...notification, config } : notification
  }

  #meet(user) {
    const isKnown = !user || this.#met.includes(user) || this.people.some(person => person.user === user)
    if (isKnown || this.#met.length === USERS_MAX) return
    this.#met.push(user)
    this.show()
  }

  // Not out of sight only: to the server this is somebody who has gone.
  async #closeOther() {
    const other = this.people.find(({ user }) => user === this.#to.user)
    await other.attempt(() => other.pipit.closeRealtime())
    part(this.element, 'push-post').focus({ preventScroll: true })
  }

  // ---- what the eye sees ----

  show() {
    this.#showRecipients()
    const to = this.#to
    const other = this.people.find(({ user }) => user === to?.user)
    this.element.className = `push-form ${hueOf(this.#from.user)}`
    part(this.element, 'push-post').disabled = to === undefined
    part(this.element, 'push-push').disabled = to?.group !== undefined
    part(this.element, 'push-close').hidden = other?.state !== 'online' || other === this.#from
    if (other) setText(part(this.element, 'push-close'), `Close ${names.of(other.user)}’s connection`)
    setText(part(this.element, 'push-hint'), this.#hint(to, other))
  }

  #showRecipients() {
    const { to } = this.element.elements
    const from = this.#from
    const others = [...this.people.map(({ user }) => user), ...this.#met].filter(user => user !== from.user)
    const options = [
      ...others.map(user => [USER + user, names.of(user)]),
      [SELF, 'Myself'],
      ...(from.group === null ? [] : [[GROUP, `The group ${from.group}`]]),
      [EVERYONE, 'Everyone'],
    ].map(([value, text]) => Object.assign(make('option', '', text), { value }))
    // A list that is open in front of somebody is left alone while nothing in it changes.
    if (options.length === to.length && options.every((option, index) => option.isEqualNode(to.options[index]))) return
    const before = to.value
    to.replaceChildren(...options)
    if (options.some(({ value }) => value === before)) to.value = before
  }

  #hint(to, other) {
    if (to === undefined) return 'Everyone who has subscribed is pushed to, connected or not. Only an admin may.'
    if (to.group !== undefined) return 'A post comes on the members’ sockets. It is pushed to those whose connection turns out dead.'
    const name = names.of(to.user)
    if (this.element.elements.always.checked) return `A post comes on ${name}’s sockets, and is pushed as well.`
    if (!other) return `A post comes on ${name}’s sockets. If there are none, it is pushed.`
    if (other.state === 'online') return `${name} is connected: a post comes on the socket, and is not pushed.`
    const where = this.isNotifiedHere(to.user) ? 'to this browser' : `wherever ${name} is notified, which is not here`
    return `${name} is away: a post is pushed ${where}.`
  }
}
