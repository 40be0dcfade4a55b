// Every event that one client was told, as it came.

import { followEnd, insertBounded, make, makePart, part } from '/playground/elements.js'

const ENTRIES_MAX = 200

export class EventLog {
  #told = 0

  constructor(element) {
    this.entries = part(element, 'log-entries')
    this.count = part(element, 'log-count')
    followEnd(this.entries)
  }

  show(event) {
    const summary = make('summary')
    summary.append(make('b', `type type-${event.type}`, event.type), ' ', make('code', '', JSON.stringify(event)))
    const details = make('details')
    details.append(summary, make('pre', '', JSON.stringify(event, null, 2)))
    const entry = makePart('log-entry', 'li')
    entry.dataset.type = event.type
    entry.append(details)
    insertBounded(this.entries, entry, ENTRIES_MAX)
    this.count.textContent = ++this.#told
  }
}
