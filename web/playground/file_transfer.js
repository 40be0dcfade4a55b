// Files over one reliable, ordered data channel, several at a time and both ways. Each file is offered, taken or refused,
// sent in chunks as the channel has room for them, and compared by its SHA-256.
//
//   sender    {"is":"offer","id":1,"name":"cake.png","size":4711}   {"is":"end","id":1,"sha256":"…"}   {"is":"stop","id":1}
//   receiver  {"is":"take","id":1}   {"is":"got","id":1}   {"is":"refuse","id":1,"why":"declined"}
//   chunks    the id in 4 bytes, big-endian, then 64 KiB of the file; the last one has what is left

export const FILE_BYTES_MAX = 100 * 1024 * 1024
const CHUNK_BYTES = 64 * 1024
// Of the disk at once.
const READ_BYTES = 1024 * 1024
const ID_BYTES = 4
const BUFFERED_BYTES_MAX = 1024 * 1024
const BUFFERED_BYTES_LOW = 256 * 1024
// What the other side may have offered that is neither taken nor refused.
const OFFERS_MAX = 20
const NAME_CHARACTERS_MAX = 100

// How a file may end besides "done": `refuse` may say these.
const REFUSALS = ['declined', 'cancelled', 'too_large', 'too_many', 'corrupt']
const OVER = ['done', 'lost', 'unreadable', ...REFUSALS]

export const isOver = ({ state }) => OVER.includes(state)

// A name from elsewhere, without what a disk or a reader could misunderstand: paths, hidden files, control characters,
// turned text.
export function safeName(name) {
  const safe = String(name).replace(/^\.+|[\p{Cc}\p{Cf}/\\:*?"<>|]/gu, '_')
  return [...safe].slice(-NAME_CHARACTERS_MAX).join('') || 'file'
}

// Null on a page that is not secure: such a page has no SHA-256.
async function sha256(blob) {
  if (!crypto.subtle) return null
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer())
  return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

function framed(id, chunk) {
  const message = new Uint8Array(ID_BYTES + chunk.byteLength)
  new DataView(message.buffer).setUint32(0, id)
  message.set(new Uint8Array(chunk), ID_BYTES)
  return message
}

// A file is { id, isOwn, name, size, bytes, state, sha256, blob }. Its state goes from `offered` over `moving` and `checking`
// to one of OVER; `bytes` is how many are through.
export class FileTransfer {
  #own = new Map()
  #others = new Map()
  #ids = 0

  // `change(file)` is called at every step of a file.
  constructor(channel, change) {
    Object.assign(this, { channel, change })
    channel.binaryType = 'arraybuffer'
    channel.bufferedAmountLowThreshold = BUFFERED_BYTES_LOW
    channel.addEventListener('message', ({ data }) => (typeof data === 'string' ? this.#hear(data) : this.#take(data)))
    channel.addEventListener('close', () => this.#lose())
  }

  // Offers a File to the other side.
  send(blob) {
    const file = { id: ++this.#ids, isOwn: true, name: safeName(blob.name), size: blob.size, bytes: 0, state: 'offered', blob }
    if (file.size > FILE_BYTES_MAX) return this.#become(file, 'too_large')
    if (!this.#say({ is: 'offer', id: file.id, name: file.name, size: file.size })) return this.#become(file, 'lost')
    this.#own.set(file.id, file)
    this.#become(file, 'offered')
  }

  take(file) {
    if (file.state !== 'offered') return
    file.chunks = []
    this.#say({ is: 'take', id: file.id })
    this.#become(file, 'moving')
  }

  // Ends it from this side, whichever it is.
  cancel(file) {
    if (isOver(file)) return
    if (!file.isOwn) return this.#refuse(file, file.state === 'offered' ? 'declined' : 'cancelled')
    this.#say({ is: 'stop', id: file.id })
    this.#become(file, 'cancelled')
  }

  // ---- what the other side says ----

  #hear(text) {
    let message
    try {
      message = JSON.parse(text)
    } catch {
      return // not of this protocol
    }
    const { is, id } = message ?? {}
    if (is === 'offer') return this.#consider(message)
    const own = this.#own.get(id)
    const other = this.#others.get(id)
    if (is === 'take' && own?.state === 'offered') this.#move(own)
    else if (is === 'got' && own?.state === 'checking') this.#become(own, 'done')
    else if (is === 'refuse' && own) this.#become(own, REFUSALS.includes(message.why) ? message.why : 'declined')
    else if (is === 'end' && other?.state === 'moving') this.#check(other, message.sha256)
    else if (is === 'stop' && other) this.#become(other, 'cancelled')
  }

  #consider({ id, name, size }) {
    if (!Number.isSafeInteger(id) || !Number.isSafeInteger(size) || size < 0 || this.#others.has(id)) return
    const file = { id, isOwn: false, name: safeName(name), size, bytes: 0, state: 'offered' }
    const open = [...this.#others.values()].filter(({ state }) => state === 'offered').length
    // What nobody can answer any more is not shown, either.
    if (open >= OFFERS_MAX) return void this.#say({ is: 'refuse', id, why: 'too_many' })
    if (size > FILE_BYTES_MAX) return this.#refuse(file, 'too_large')
    this.#others.set(id, file)
    this.#become(file, 'offered')
  }

  #refuse(file, why) {
    this.#say({ is: 'refuse', id: file.id, why })
    this.#become(file, why)
  }

  // ---- the bytes ----

  async #move(file) {
    this.#become(file, 'moving')
    const { id, blob, size } = file
    try {
      for (let offset = 0; offset < size; offset += READ_BYTES) {
        const read = await blob.slice(offset, offset + READ_BYTES).arrayBuffer()
        for (let at = 0; at < read.byteLength; at += CHUNK_BYTES) {
          await this.#room()
          if (file.state !== 'moving') return
          const chunk = read.slice(at, at + CHUNK_BYTES)
          this.channel.send(framed(id, chunk))
          this.#progress(file, file.bytes + chunk.byteLength)
        }
      }
      file.sha256 = await sha256(blob)
    } catch {
      // The file has changed or gone since it was chosen, or the channel has: it refuses what is sent before it says that
      // it has closed.
      if (isOver(file)) return
      return this.#become(file, this.#say({ is: 'stop', id }) ? 'unreadable' : 'lost')
    }
    if (file.state !== 'moving') return
    this.#say({ is: 'end', id, sha256: file.sha256 })
    this.#become(file, 'checking')
  }

  async #room() {
    while (this.channel.bufferedAmount > BUFFERED_BYTES_MAX && this.channel.readyState === 'open') {
      const waiting = new AbortController()
      await new Promise(resolve => {
        for (const type of ['bufferedamountlow', 'close']) this.channel.addEventListener(type, resolve, { signal: waiting.signal })
      })
      waiting.abort()
    }
  }

  #take(data) {
    if (data.byteLength < ID_BYTES) return
    const file = this.#others.get(new DataView(data).getUint32(0))
    if (file?.state !== 'moving') return // on its way when it was cancelled
    const bytes = data.byteLength - ID_BYTES
    // Many that are small or empty would fill the memory with what is around them.
    if (bytes === 0 || bytes !== Math.min(CHUNK_BYTES, file.size - file.bytes)) return this.#refuse(file, 'corrupt')
    file.chunks.push(data.slice(ID_BYTES))
    this.#progress(file, file.bytes + bytes)
  }

  async #check(file, announced) {
    this.#become(file, 'checking')
    // Nothing that a browser would show as a page of this origin.
    const blob = new Blob(file.chunks, { type: 'application/octet-stream' })
    file.chunks = null
    file.sha256 = await sha256(blob)
    if (isOver(file)) return
    const isSame = file.sha256 === null || announced === null || file.sha256 === announced
    if (blob.size !== file.size || !isSame) return this.#refuse(file, 'corrupt')
    file.blob = blob
    this.#say({ is: 'got', id: file.id })
    this.#become(file, 'done')
  }

  #lose() {
    for (const file of [...this.#own.values(), ...this.#others.values()]) if (!isOver(file)) this.#become(file, 'lost')
  }

  // False when the channel is not open any more: whatever was open is lost then.
  #say(message) {
    if (this.channel.readyState !== 'open') return false
    this.channel.send(JSON.stringify(message))
    return true
  }

  #progress(file, bytes) {
    file.bytes = bytes
    this.change(file)
  }

  #become(file, state) {
    file.state = state
    if (isOver(file)) {
      file.chunks = null // a file that is whole is its blob
      const files = file.isOwn ? this.#own : this.#others
      files.delete(file.id)
    }
    this.change(file)
  }
}
