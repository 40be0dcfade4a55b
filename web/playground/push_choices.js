// Whom this browser notifies: a button for each person, and in words what is so, or why it cannot be.

import { makePart, part, setText } from '/playground/elements.js'
import { hueOf, names } from '/playground/names.js'

const NOBODY = ''

// By the SDK's reasons: why there is no subscription here, and what to do about it.
const REASONS = {
  insecure_page: 'Notifications need https, or this page at localhost or 127.0.0.1. One can send from here all the same.',
  no_push: 'This browser has no web push here: a private window may have none, and some have it switched off. One can send from here all the same.',
  not_on_home_screen: 'On an iPhone or iPad the page must be on the home screen: Share, then “Add to Home Screen”.',
  permission_denied: 'The browser blocks notifications of this page. Allow them beside the address, where it keeps what a page may do. A private window may block them always.',
  permission_dismissed: 'The browser has asked and got no answer. Press again, and allow it.',
  subscribe_failed: 'The browser could not subscribe: it is offline, or its push service is switched off or out of reach.',
  push_disabled: 'This server sends no notifications: push.enabled is false.',
}
const ACTIVITIES = {
  asking: 'The browser asks whether this page may notify.',
  subscribing: 'Subscribing… The browser’s push service has up to a minute to answer.',
  ending: 'Ending the subscription…',
}

// What the SDK says is said in the page's words, if it has some; what the browser says comes with it.
function explain({ reason, message, cause }) {
  if (!REASONS[reason]) return message
  return cause ? `${REASONS[reason]} (${cause.message ?? cause})` : REASONS[reason]
}

export class PushChoices {
  // `browser` is a BrowserPush; `chosen(user)` is called when somebody was taken, and with null when nobody is notified any more.
  constructor(element, { people, browser, chosen }) {
    Object.assign(this, { element, people, browser, chosen })
    const users = [NOBODY, ...people.map(({ user }) => user)]
    this.buttons = users.map(user => this.#makeButton(user))
    part(element, 'push-choices').replaceChildren(...this.buttons)
    browser.addEventListener('change', () => this.#show())
    this.#show()
  }

  #makeButton(user) {
    const button = makePart('push-choice', 'button')
    button.type = 'button'
    button.value = user
    if (user === NOBODY) button.textContent = 'Nobody'
    else names.label(button, user).classList.add(hueOf(user))
    button.addEventListener('click', () => this.#choose(user))
    return button
  }

  async #choose(user) {
    if (this.browser.activity) return
    const person = this.people.find(one => one.user === user)
    const isDone = await (person ? this.browser.take(person) : this.browser.end())
    if (isDone) this.chosen(person ? user : null)
  }

  #show() {
    const { owner, activity, problem, obstacle } = this.browser
    this.element.dataset.state = obstacle ? 'impossible' : (activity ?? (problem ? 'failed' : owner === null ? 'off' : 'on'))
    for (const button of this.buttons) {
      button.setAttribute('aria-pressed', button.value === (owner ?? NOBODY))
      button.disabled = obstacle !== undefined
    }
    const text = obstacle ? REASONS[obstacle] : (ACTIVITIES[activity] ?? (problem ? explain(problem) : this.#situation()))
    setText(part(this.element, 'push-state'), text)
  }

  #situation() {
    const { owner } = this.browser
    if (owner === null) return 'A browser has one subscription. It belongs to whoever takes it last.'
    const name = names.of(owner)
    if (this.people.some(({ user }) => user === owner)) return `${name} is notified here, even while this page is closed.`
    return `${name}, of another window, is notified here. Whoever takes it now has it.`
  }
}
