// The files of a call: offered, taken or not, on their way, there.

import { make, makePart, part, setText } from '/playground/elements.js'
import { FILE_BYTES_MAX, FileTransfer, isOver } from '/playground/file_transfer.js'

const HASH_CHARACTERS = 12

export function bytes(count) {
  if (count < 1000) return `${count} B`
  if (count < 1e6) return `${Math.round(count / 1e3)} kB`
  return `${(count / 1e6).toFixed(1)} MB`
}

const TEXTS = {
  offered: ({ isOwn }) => (isOwn ? 'offered' : 'wants to come'),
  moving: ({ bytes: through, size }) => `${bytes(through)} of ${bytes(size)}`,
  checking: () => 'comparing',
  done: ({ isOwn }) => (isOwn ? 'arrived' : 'here'),
  declined: () => 'declined',
  cancelled: () => 'cancelled',
  too_large: () => `too large: ${bytes(FILE_BYTES_MAX)} at most`,
  too_many: () => 'too many are waiting',
  corrupt: () => 'not the same as it was sent',
  unreadable: () => 'cannot be read any more',
  lost: () => 'lost with the call',
}

export class CallFiles {
  #rows = new Map()
  #transfer = null

  // `element` has the form that chooses files and the list that shows them.
  constructor(element) {
    this.element = element
    const input = part(element, 'file-input')
    input.addEventListener('change', () => {
      for (const file of input.files) this.#transfer?.send(file)
      input.value = ''
    })
    part(element, 'file-choose').addEventListener('click', () => input.click())
  }

  // Forgets the call before. `channel` may be undefined: then nobody can send files.
  open(channel) {
    this.clear()
    this.#transfer = channel ? new FileTransfer(channel, file => this.#show(file)) : null
    part(this.element, 'file-choose').hidden = !channel
  }

  // What has arrived can be saved for as long as its row is there.
  clear() {
    for (const { url } of this.#rows.values()) if (url) URL.revokeObjectURL(url)
    this.#rows.clear()
    part(this.element, 'files').replaceChildren()
  }

  #show(file) {
    const row = this.#rows.get(file) ?? this.#makeRow(file)
    const { element } = row
    element.dataset.state = file.state
    setText(part(element, 'file-state'), TEXTS[file.state](file))
    part(element, 'file-progress').value = file.bytes
    part(element, 'file-progress').hidden = !['moving', 'checking'].includes(file.state)
    part(element, 'file-take').hidden = file.isOwn || file.state !== 'offered'
    part(element, 'file-cancel').hidden = isOver(file)
    setText(part(element, 'file-cancel'), !file.isOwn && file.state === 'offered' ? 'No' : 'Cancel')
    if (file.state === 'done') this.#finish(row, file)
  }

  #makeRow(file) {
    const element = makePart('file', 'li', 'file')
    element.dataset.own = file.isOwn
    const button = (testid, text, act) => {
      const made = makePart(testid, 'button', 'quiet', text)
      made.type = 'button'
      made.addEventListener('click', act)
      return made
    }
    const facts = make('p', 'file-facts')
    facts.append(make('span', '', `${file.isOwn ? '↑' : '↓'} ${bytes(file.size)}`), ' · ', makePart('file-state', 'span'))
    const progress = makePart('file-progress', 'progress')
    progress.max = file.size || 1
    progress.setAttribute('aria-label', file.name)
    const name = makePart('file-name', 'p', 'file-name', file.name)
    name.title = file.name
    const what = make('div', 'file-what')
    what.append(name, facts, progress)
    const save = makePart('file-save', 'a', 'file-save', 'Save')
    save.hidden = true
    element.append(what, button('file-take', 'Take it', () => this.#transfer.take(file)), save)
    element.append(button('file-cancel', 'Cancel', () => this.#transfer.cancel(file)))
    const row = { element, save, facts }
    this.#rows.set(file, row)
    const list = part(this.element, 'files')
    list.append(element)
    list.scrollTop = list.scrollHeight
    return row
  }

  #finish(row, { isOwn, name, blob, sha256 }) {
    const text = sha256 ? `SHA-256 ${sha256.slice(0, HASH_CHARACTERS)}…` : 'not compared: the page is not secure'
    const hash = makePart('file-hash', 'span', '', text)
    hash.title = sha256 ?? ''
    row.facts.append(' · ', hash)
    if (isOwn) return
    row.url = URL.createObjectURL(blob)
    Object.assign(row.save, { href: row.url, download: name, hidden: false })
  }
}
