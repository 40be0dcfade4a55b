// Whose notifications this browser shows. It has one subscription, which belongs to whoever took it last, in whichever window
// that was; the server knows whose it is, and the windows tell each other.

const KEY = 'pipit.playground.notified'

// Why there can be no subscription here, by the SDK's name for it; undefined if nothing is in the way.
function obstacle() {
  if (!isSecureContext) return 'insecure_page'
  if (!navigator.serviceWorker || !window.PushManager || !window.Notification) return 'no_push'
  return Notification.permission === 'denied' ? 'permission_denied' : undefined
}

async function hasSubscription() {
  const registration = await navigator.serviceWorker.getRegistration()
  return Boolean(await registration?.pushManager.getSubscription())
}

// Tells "change" of itself.
export class BrowserPush extends EventTarget {
  // While the browser or the server is asked: "asking", "subscribing" or "ending".
  activity
  // What the last attempt has failed with: { reason?, message }.
  problem

  // `people` are on this page, each with a client of its own.
  constructor(people) {
    super()
    this.people = people
    addEventListener('storage', ({ key }) => key === KEY && this.#changed())
    navigator.permissions
      ?.query({ name: 'notifications' })
      .then(permission => permission.addEventListener('change', () => this.#follow()), () => {})
  }

  // The user whose notifications are shown here, or null.
  get owner() {
    return obstacle() ? null : localStorage.getItem(KEY)
  }

  get obstacle() {
    return obstacle()
  }

  // What was subscribed before may be lost, or have been made with an earlier key of the server's.
  async renew() {
    if (this.owner === null) return
    try {
      const person = this.people.find(({ user }) => user === this.owner)
      const isThere = person ? await person.pipit.enablePush({ ask: false }) : await hasSubscription()
      if (!isThere) this.#setOwner(null)
    } catch (error) {
      this.#fail(error)
    }
  }

  // To be called in a click, in which alone a browser may ask. Resolves with whether it went well.
  take(person) {
    const activity = Notification.permission === 'default' ? 'asking' : 'subscribing'
    return this.#act(activity, person.user, () => person.pipit.enablePush())
  }

  end() {
    const [anyone] = this.people
    const person = this.people.find(({ user }) => user === this.owner) ?? anyone
    return this.#act('ending', null, () => person.pipit.disablePush())
  }

  async #act(activity, owner, call) {
    this.activity = activity
    this.problem = undefined
    this.#changed()
    try {
      await call()
      this.activity = undefined
      this.#setOwner(owner)
      return true
    } catch (error) {
      this.#fail(error)
      return false
    }
  }

  // Permitted or not any more, perhaps in the browser's own settings: what was said about it before is over. Without the
  // permission a browser ends its subscription.
  #follow() {
    this.problem = undefined
    if (Notification.permission !== 'granted') return this.#setOwner(null)
    if (this.activity === 'asking') this.activity = 'subscribing'
    this.#changed()
  }

  #setOwner(user) {
    if (user === null) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, user)
    this.#changed()
  }

  #fail(error) {
    this.activity = undefined
    this.problem = error
    this.#changed()
  }

  #changed() {
    this.dispatchEvent(new Event('change'))
  }
}
