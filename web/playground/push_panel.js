// Notifications on the page: whom this browser notifies, a form that sends, what became of it, and the lines that do the same.

import { BrowserPush } from '/playground/browser_push.js'
import { copyText, part, setText } from '/playground/elements.js'
import { names } from '/playground/names.js'
import { PushChoices } from '/playground/push_choices.js'
import { PushForm } from '/playground/push_form.js'
import { PushOutcome } from '/playground/push_outcome.js'
import { disabling, enabling, posting, pushing } from '/playground/push_snippet.js'

export class PushPanel {
  // `people` are on this page, each with a client of its own; `admin` is a client that may push.
  constructor(element, { people, admin }) {
    Object.assign(this, { element, admin })
    this.browser = new BrowserPush(people)
    this.outcome = new PushOutcome(part(element, 'push-outcome'))
    new PushChoices(element, { people, browser: this.browser, chosen: user => this.#showCode(user ? enabling() : disabling()) })
    const form = new PushForm(part(element, 'push-form'), {
      people,
      isNotifiedHere: user => user === this.browser.owner,
      send: sent => this.#send(sent),
    })
    this.browser.addEventListener('change', () => form.show())
    for (const person of people) person.addEventListener('told', ({ detail }) => this.outcome.hear(person.user, detail))
    navigator.serviceWorker?.addEventListener('message', ({ data }) => this.#takeWorkerMessage(data))
    const copy = part(element, 'push-copy')
    copy.addEventListener('click', () => copyText(copy, this.#code.textContent, this.#code))
    this.browser.renew()
  }

  get #code() {
    return part(this.element, 'push-code')
  }

  async #send({ how, from, to, notification }) {
    const message = notification.body
    const id = this.outcome.begin(how === 'post' ? { sender: from.user, message } : {})
    const sent = { ...notification, data: { id } }
    const recipient = to?.user === undefined ? to : { user: names.of(to.user) }
    this.#showCode(how === 'post' ? posting(recipient, notification) : pushing(recipient, notification))
    try {
      if (how === 'post') await from.pipit.postRealtime(message, to, sent)
      else await this.admin.pushNotification(sent, to?.user, { progress: numbers => this.outcome.progress(id, numbers) })
      this.outcome.accept(id)
    } catch (error) {
      this.outcome.refuse(id, error)
    }
  }

  // What the service worker says that it has done about a notification.
  #takeWorkerMessage(data) {
    const { type, notification } = data ?? {}
    if (type === 'pipit:push') this.outcome.show(notification, this.browser.owner)
    if (type === 'pipit:click') this.outcome.click(notification)
  }

  #showCode(text) {
    part(this.element, 'push-called').hidden = false
    setText(this.#code, text)
  }
}
