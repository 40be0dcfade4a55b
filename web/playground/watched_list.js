// A list of the server's that is kept up to date on the page: its rows, or what there is to say in their place.

import { part } from '/playground/elements.js'

export class WatchedList {
  #wanted = null
  #asked = null
  #watch = null
  #asking = false

  // `section` gets its state as data-state: idle, loading, live, lost or refused. `show(rows)` makes of the server's rows
  // what is seen; `whenEmpty()` is said when there are none.
  constructor(section, { show, whenEmpty }) {
    this.section = section
    this.show = show
    this.whenEmpty = whenEmpty
    this.rows = []
    this.endOfList = true
  }

  get state() {
    return this.section.dataset.state
  }

  // `watch(callback)` begins a watch of the SDK. What was shown stays until there is something new: nothing flickers.
  ask(watch) {
    this.#become('loading', this.rows.length === 0 ? 'Looking…' : '')
    this.#want(watch)
  }

  clear(hint) {
    this.#take([], true)
    this.#become('idle', hint)
    this.#want(null)
  }

  // The SDK asks again by itself once the connection is back, and calls only if something is different.
  lose() {
    if (this.state === 'live') this.#become('lost', '')
  }

  resume() {
    if (this.state === 'lost') this.#become('live', '')
  }

  // One question at a time, or a fast typist would need more watches than a connection may have.
  async #want(watch) {
    this.#wanted = watch
    if (this.#asking) return
    this.#asking = true
    while (this.#asked !== this.#wanted) {
      const asked = (this.#asked = this.#wanted)
      this.#watch?.stop()
      this.#watch = null
      try {
        if (asked) this.#watch = await asked(change => this.#wanted === asked && this.#change(change))
      } catch (error) {
        if (this.#wanted === asked) this.#refuse(error)
      }
    }
    this.#asking = false
  }

  #change({ list, endOfList, error }) {
    if (error) return this.#refuse(error)
    this.#take(list, endOfList)
    this.#become('live', list.length === 0 ? this.whenEmpty() : '')
  }

  #refuse({ message, reason }) {
    this.#take([], true)
    this.#become('refused', reason === 'not_permitted' ? `${message} The setting access.list decides who may.` : message)
  }

  #take(rows, endOfList) {
    this.rows = rows
    this.endOfList = endOfList
    part(this.section, 'more').hidden = endOfList
    this.show(rows)
  }

  #become(state, hint) {
    this.section.dataset.state = state
    this.section.setAttribute('aria-busy', state === 'loading' || state === 'lost')
    part(this.section, 'hint').textContent = hint
  }
}
