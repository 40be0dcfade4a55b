// One call, from the first ring to the end. It knows the client, but nothing of the page.

import { capture, stop } from '/playground/call_media.js'

// What a caller opens. Over "status" each side tells whether its camera and microphone are on.
const CHANNELS = ['text-chat', 'file-transfer', { protocol: 'status' }]

const STATES = { connected: 'connected', disconnected: 'interrupted', failed: 'interrupted' }

export class Call {
  // `ringing` somebody calls · `asking` for the devices · `refused`: there are none · `calling` · `connecting` ·
  // `connected` · `interrupted`: the way to the other is lost · `ended`
  state
  // Why it is refused or has ended, in a sentence.
  outcome = ''
  own = new MediaStream()
  remote = new MediaStream()
  channels = {}
  target = null
  theirs = { camera: true, microphone: true }
  #hangUp = () => {}
  // Kinds of devices that are being switched on.
  #capturing = new Set()

  // With `user`, and with `cid` if one connection is called. `ring` is the event of a call that came. `change()` is called
  // when something is different, `connected(call)` once, before the channels have brought anything.
  constructor({ pipit, user, cid = null, ring = null, change, connected }) {
    Object.assign(this, { pipit, user, cid, ring, change, connected })
    this.state = ring ? 'ringing' : 'asking'
    if (ring) this.#hangUp = () => ring.hangup()
  }

  get isOver() {
    return this.state === 'ended'
  }

  isOn(kind) {
    return this.own.getTracks().some(track => track.kind === kind && track.enabled)
  }

  // A channel opens only a moment after the two are connected.
  canSend(protocol) {
    return this.channels[protocol]?.readyState === 'open'
  }

  // The one who is to be called calls first: takes that call in place of the own, which has not been made yet.
  meet(ring) {
    if (this.ring || !['asking', 'refused'].includes(this.state) || ring.sender !== this.user) return false
    this.ring = ring
    this.cid = ring.sender_cid
    this.#hangUp = () => ring.hangup()
    return true
  }

  // Whether an event "rtc:closed" that is of no waiting ring is of this call.
  isClosedBy({ call, sender, sender_cid: cid }) {
    if (this.ring) return call === this.ring.call
    if (sender !== null && sender !== this.user) return false
    // Nobody knows yet which connection of a user answers, and who talks may be back with another one.
    return this.target !== null || !this.cid || !cid || cid === this.cid
  }

  // Asks for the devices, then calls or answers. May be tried again with less after it was refused.
  async begin(kinds) {
    this.#become('asking')
    let media
    try {
      media = await capture(kinds)
    } catch ({ message }) {
      if (!this.isOver) this.#become('refused', message)
      return
    }
    if (this.isOver) return stop(media)
    this.own = media
    this.#become(this.ring ? 'connecting' : 'calling')
    try {
      const { target, channels, hangup } = await (this.ring ? this.#answer() : this.#place())
      this.#hangUp = hangup
      this.target = target
      this.channels = channels
    } catch ({ message }) {
      return this.hangUp(message) // to the client a ring that could not be answered goes on
    }
    if (this.isOver) return this.#hangUp()
    this.#sendAll() // what was switched on meanwhile
    this.connected(this)
    this.#follow()
  }

  #answer() {
    return this.ring.connectRTC({ media: this.own }, event => this.#hear(event))
  }

  async #place() {
    const to = this.cid ? { cid: this.cid } : { user: this.user }
    const connector = await this.pipit.connectRTC({ ...to, media: this.own, channels: CHANNELS }, event => this.#hear(event))
    this.#hangUp = connector.hangup
    if (this.isOver) connector.hangup()
    return connector.connection
  }

  // What may have come before anybody could listen is looked at once.
  #follow() {
    for (const { track } of this.target.getReceivers()) this.#receive(track)
    this.#tellStatus()
    this.#lookAtConnection()
  }

  #hear({ type, target, track, data }) {
    if (type === 'track') this.#receive(track)
    if (type === 'connectionstatechange') this.#lookAtConnection()
    if (type === 'open' || type === 'close') this.change()
    if (target.label !== 'status') return
    if (type === 'open') this.#tellStatus()
    if (type === 'message') this.#hearStatus(data)
  }

  #receive(track) {
    if (!track || this.remote.getTracks().includes(track)) return
    this.remote.addTrack(track)
    this.change()
  }

  #lookAtConnection() {
    if (this.target && !this.isOver) this.#become(STATES[this.target.connectionState] ?? this.state)
  }

  // ---- camera and microphone ----

  // `kind` is "video" or "audio". What was not there from the start is added to the call.
  async turn(kind, on) {
    const [track] = this.own.getTracks().filter(({ kind: its }) => its === kind)
    if (track) {
      track.enabled = on
    } else {
      await this.#add(kind)
    }
    this.#tellStatus()
    this.change()
  }

  async #add(kind) {
    if (this.#capturing.has(kind)) return
    this.#capturing.add(kind)
    try {
      const media = await capture({ [kind]: true })
      if (this.isOver) return stop(media)
      for (const track of media.getTracks()) this.own.addTrack(track)
      if (this.target) this.#sendAll()
    } finally {
      this.#capturing.delete(kind)
    }
  }

  #sendAll() {
    const sent = this.target.getSenders().map(({ track }) => track)
    for (const track of this.own.getTracks()) if (!sent.includes(track)) this.target.addTrack(track, this.own)
  }

  #tellStatus() {
    if (!this.canSend('status')) return
    this.channels.status.send(JSON.stringify({ camera: this.isOn('video'), microphone: this.isOn('audio') }))
  }

  #hearStatus(text) {
    try {
      const { camera, microphone } = JSON.parse(text)
      this.theirs = { camera: camera === true, microphone: microphone === true }
      this.change()
    } catch {
      // Not of this playground: nothing is known of the other's devices.
    }
  }

  // ---- the end ----

  hangUp(outcome) {
    if (this.isOver) return
    this.end(outcome)
    this.#hangUp()
  }

  // It is over, whoever said so: here nothing goes on.
  end(outcome) {
    if (this.isOver) return
    stop(this.own)
    this.#become('ended', outcome)
  }

  #become(state, outcome = '') {
    if (state === this.state && outcome === this.outcome) return
    this.state = state
    this.outcome = outcome
    this.change()
  }
}
