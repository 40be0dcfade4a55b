// The call that a person is in, on the person's card: ringing, pictures, buttons, what is written, files, and the way it takes.

import { Call } from '/playground/call.js'
import { CallFiles } from '/playground/call_files.js'
import { describePath, explainPath, watchPath } from '/playground/call_path.js'
import { Conversation } from '/playground/conversation.js'
import { keepFocus, part, setText } from '/playground/elements.js'
import { hueOf, names } from '/playground/names.js'
import { showRinging } from '/playground/ringing.js'

const ALL = { video: true, audio: true }
const AUDIO = { audio: true }
const NOTHING = {}

const PHONE = '(max-width: 47.99rem)'
const LIVE = ['calling', 'connecting', 'connected', 'interrupted']
const TALKING = ['connected', 'interrupted']
// In which states a button is there.
const BUTTONS = {
  'call-answer': ['ringing'],
  'call-retry': ['refused'],
  'call-audio': ['ringing', 'refused'],
  'call-data': ['ringing', 'refused'],
  'call-mute': LIVE,
  'call-camera': LIVE,
  'call-hangup': ['ringing', 'asking', 'refused', ...LIVE],
  'call-again': ['ended'],
  'call-close': ['ended'],
}
const HANG_UP = { ringing: 'Decline', asking: 'Cancel', refused: 'Cancel', calling: 'Cancel' }

const STATUS = {
  ringing: () => 'is calling',
  asking: () => 'Asking for camera and microphone…',
  refused: ({ outcome }) => outcome,
  calling: () => 'Ringing…',
  connecting: () => 'Connecting…',
  connected: ({ theirs }) => (theirs.microphone ? 'Connected' : 'Connected · muted'),
  interrupted: () => 'The way is lost, looking for another one…',
  ended: ({ outcome }) => outcome,
}

export class CallPanel {
  #call = null
  // Who rings meanwhile, one after the other. The server bounds how many calls a connection has.
  #waiting = []
  // Ends the watch of the path, while there is one.
  #stopWatchingPath = null
  // What had the focus on the card before there was a call.
  #focusedBefore = null

  // `card` is the person's; `tell(text)` says what stays behind of a call.
  constructor(card, { pipit, user, tell }) {
    Object.assign(this, { card, pipit, tell, element: part(card, 'call') })
    this.chat = new Conversation(part(card, 'call-stream'), user)
    this.user = user
    this.files = new CallFiles(this.element)
    this.#listen()
  }

  get #isBusy() {
    return this.#call !== null && !this.#call.isOver
  }

  // `to` is { user }, or { user, cid } for one connection of that user.
  async call(to) {
    if (this.#isBusy) return
    this.#open(new Call({ ...to, pipit: this.pipit, ...this.#handlers() }))
    await this.#begin(ALL)
  }

  // An event of the client's whose type begins with "rtc:".
  receive(event) {
    if (event.type === 'rtc:closed') return this.#close(event)
    if (!this.#isBusy) return this.#open(new Call({ user: event.sender, cid: event.sender_cid, ring: event, ...this.#handlers() }))
    if (this.#call.meet(event)) return
    this.#waiting.push(event)
    this.#showWaiting()
  }

  // The connection to the server is closed for good.
  lose() {
    this.#waiting = []
    this.#showWaiting()
    if (this.#isBusy) this.#call.hangUp('The connection was closed.')
  }

  #handlers() {
    const change = () => {
      this.#show()
      if (this.#waiting.length > 0 && !this.#isBusy) this.#takeNext()
    }
    return { change, connected: call => this.#connect(call) }
  }

  #listen() {
    const on = (testid, act) => part(this.element, testid).addEventListener('click', act)
    on('call-answer', () => this.#begin(ALL))
    on('call-retry', () => this.#begin(ALL))
    on('call-audio', () => this.#begin(AUDIO))
    on('call-data', () => this.#begin(NOTHING))
    on('call-mute', () => this.#turn('audio'))
    on('call-camera', () => this.#turn('video'))
    on('call-hangup', () => this.#call.hangUp('You hung up.'))
    on('call-again', () => this.call({ user: this.#call.user, cid: this.#call.cid }))
    on('call-close', () => this.#leave())
    on('waiting-answer', () => this.#changeOver())
    on('waiting-decline', () => this.#waiting[0].hangup()) // its end is told
    part(this.element, 'call-form').addEventListener('submit', event => this.#say(event))
  }

  // ---- the call ----

  #open(call) {
    this.#call = call
    this.chat.element.replaceChildren()
    this.files.open(undefined)
    if (this.element.hidden) this.#focusedBefore = document.activeElement
    names.label(part(this.element, 'call-name'), call.user)
    const face = part(this.element, 'call-face')
    setText(face, [...names.of(call.user)][0].toUpperCase())
    face.className = `avatar ${hueOf(call.user)}`
    // The focus does not go to a button: who is typing would answer.
    keepFocus(this.card, this.element, () => {
      this.card.classList.add('in-call')
      this.#show()
    })
  }

  #begin(kinds) {
    // On a phone the card is as large as the screen, which then shows nothing else.
    if (matchMedia(PHONE).matches) this.card.scrollIntoView()
    return this.#call.begin(kinds)
  }

  #connect(call) {
    const { channels, user } = call
    channels['text-chat']?.addEventListener('message', ({ data }) => this.#showSaid(user, String(data)))
    this.files.open(channels['file-transfer'])
  }

  // Who waits is looked at first: it may be another window of the one whom the call is with.
  #close(event) {
    const { message } = event
    const ring = this.#waiting.find(({ call }) => call === event.call)
    if (ring) {
      this.#waiting = this.#waiting.filter(waiting => waiting !== ring)
      this.#missed(ring.sender, message)
      return this.#showWaiting()
    }
    const call = this.#call
    if (!this.#isBusy || !call.isClosedBy(event)) return
    const wasConnected = call.target !== null
    call.end(message)
    if (!call.ring || wasConnected) return
    this.#missed(call.user, message)
    if (this.#call === call) this.#leave()
  }

  #missed(user, message) {
    this.tell(`${names.of(user)} called. ${message}`)
  }

  #leave() {
    const hadFocus = this.element.contains(document.activeElement)
    this.#call = null
    this.files.clear()
    this.card.classList.remove('in-call')
    this.#show()
    if (!hadFocus) return
    // Where it was may be gone, too.
    part(this.card, 'stream').focus({ preventScroll: true })
    if (this.card.contains(this.#focusedBefore)) this.#focusedBefore.focus({ preventScroll: true })
  }

  // Who has waited rings as soon as there is no other call.
  #takeNext() {
    const ring = this.#waiting.shift()
    this.#showWaiting()
    this.receive(ring)
  }

  #changeOver() {
    this.#call.hangUp('You took another call.')
    this.#begin(ALL)
  }

  async #turn(kind) {
    const call = this.#call
    try {
      await call.turn(kind, !call.isOn(kind))
    } catch ({ message }) {
      this.chat.showProblem({ message })
    }
  }

  #say(event) {
    event.preventDefault()
    const input = event.target.elements.text
    if (!this.#call?.canSend('text-chat') || !input.value) return
    try {
      this.#call.channels['text-chat'].send(input.value)
    } catch (error) {
      return this.chat.showProblem(error) // longer than the channel takes
    }
    this.#showSaid(this.user, input.value)
    input.value = ''
  }

  #showSaid(sender, message) {
    this.chat.showBubble({ kind: 'message', sender, message })
  }

  // ---- what the eye sees ----

  #show() {
    keepFocus(this.element, this.element, () => this.#showCall())
  }

  #showCall() {
    const call = this.#call
    const state = call?.state ?? 'none'
    this.element.dataset.state = state
    this.element.hidden = call === null
    const isTalking = TALKING.includes(state)
    this.#followPath(isTalking ? call.target : null)
    this.#showRinging()
    setText(part(this.card, 'call-alert'), call ? `${names.of(call.user)} ${STATUS[state](call)}` : '')
    if (call === null) return this.#showPictures(null, null)
    for (const [testid, states] of Object.entries(BUTTONS)) part(this.element, testid).hidden = !states.includes(state)
    setText(part(this.element, 'call-status'), STATUS[state](call))
    setText(part(this.element, 'call-hangup'), HANG_UP[state] ?? 'Hang up')
    setText(part(this.element, 'call-mute'), call.isOn('audio') ? 'Mute' : 'Unmute')
    setText(part(this.element, 'call-camera'), call.isOn('video') ? 'Camera off' : 'Camera on')
    part(this.element, 'call-talk').hidden = call.target === null
    part(this.element, 'call-send').disabled = !isTalking || !call.canSend('text-chat')
    part(this.element, 'file-choose').disabled = !isTalking || !call.canSend('file-transfer')
    const showsOther = isTalking && call.theirs.camera && call.remote.getVideoTracks().length > 0
    this.element.dataset.picture = showsOther
    this.#showPictures(isTalking ? call.remote : null, LIVE.includes(state) && call.isOn('video') ? call.own : null)
  }

  #showRinging() {
    const ring = this.#call?.state === 'ringing' ? this.#call.ring : this.#waiting[0]
    showRinging(this.card, ring?.sender ?? null)
  }

  #showPictures(remote, own) {
    for (const [testid, stream] of [['remote-video', remote], ['local-video', own]]) {
      const video = part(this.element, testid)
      if (video.srcObject !== stream) video.srcObject = stream
    }
    part(this.element, 'local-video').hidden = own === null
  }

  #followPath(target) {
    if (target && !this.#stopWatchingPath) this.#stopWatchingPath = watchPath(target, path => this.#showPath(path))
    if (target || !this.#stopWatchingPath) return
    this.#stopWatchingPath()
    this.#stopWatchingPath = null
    this.#showPath(null)
  }

  #showPath(path) {
    const element = part(this.element, 'call-path')
    setText(element, path ? describePath(path) : '')
    element.title = path ? explainPath(path) : ''
  }

  #showWaiting() {
    const [ring] = this.#waiting
    if (ring) names.label(part(this.element, 'waiting-name'), ring.sender)
    keepFocus(this.element, this.element, () => (part(this.element, 'waiting').hidden = !ring))
    this.#showRinging()
  }
}
