// One person: a client of its own with its own token and its own WebSocket, and the card that shows it.

import { Pipit } from '/pipit.mjs'
import { CallPanel } from '/playground/call_panel.js'
import { Conversation } from '/playground/conversation.js'
import { fetchDevToken } from '/playground/dev_token.js'
import { copyText, make, part } from '/playground/elements.js'
import { EventLog } from '/playground/event_log.js'
import { Lobby } from '/playground/lobby.js'
import { names, setHue } from '/playground/names.js'

// Of those that were missed, so many of the newest are shown.
const MISSED_SHOWN_MAX = 20

// The close code of a connection that is dropped to be opened again: to the server it is lost, not left.
const COMING_BACK = 4007

const STATES = {
  offline: 'Offline',
  connecting: 'Connecting…',
  online: 'Connected',
  reconnecting: 'Reconnecting…',
  failed: 'Failed',
}

// Tells "change" when the name, the state or the group is another, and "told" with each event of the client's as its detail.
export class Person extends EventTarget {
  constructor({ user, name, hue, greeting = '' }) {
    super()
    this.user = user
    this.met = new Set([user])
    this.group = null
    this.gapLine = null // of the newest gap in the group
    this.pipit = new Pipit({ getToken: () => fetchDevToken(user) })

    this.element = document.getElementById('person-template').content.cloneNode(true).firstElementChild
    this.element.classList.add(`hue-${hue}`)
    this.part('name').value = name
    this.part('copy-id').textContent = user.slice(0, 8)
    this.part('copy-id').title = `Copy the user id ${user}`
    this.part('message-input').value = greeting
    this.part('lobby').open = matchMedia('(min-width: 48rem)').matches
    this.part('log').open = matchMedia('(min-width: 70rem) and (min-height: 56rem)').matches
    this.conversation = new Conversation(this.part('stream'), user)
    this.log = new EventLog(this.part('log'))
    this.calls = new CallPanel(this.element, {
      pipit: this.pipit,
      user,
      tell: text => this.conversation.showLine(text),
    })
    this.lobby = new Lobby(this.part('lobby'), {
      pipit: this.pipit,
      user,
      join: group => this.enterFromLobby(group),
      whisper: other => this.turnTo(other),
      call: to => this.calls.call(to),
    })
    setHue(user, hue)
    names.set(user, name)
    this.showName()
    this.showGroup()
    this.listen()
  }

  part(testid) {
    return part(this.element, testid)
  }

  listen() {
    const on = (testid, type, handle) => this.part(testid).addEventListener(type, handle)
    on('name', 'change', () => this.rename())
    on('copy-id', 'click', () => copyText(this.part('copy-id'), this.user, this.part('copy-id')))
    on('toggle', 'click', () => (this.isUp ? this.attempt(() => this.pipit.closeRealtime()) : this.connect()))
    on('cut', 'click', () => this.attempt(() => this.cut()))
    on('join-form', 'submit', event => this.attempt(() => this.join(event)))
    on('leave', 'click', () => this.attempt(() => this.leave()))
    on('message-form', 'submit', event => this.submit(event, text => this.say(text)))
    on('private-form', 'submit', event => this.submit(event, text => this.whisper(text)))
  }

  // ---- what the buttons and forms do ----

  async start() {
    await this.connect()
    if (this.isUp) await this.attempt(() => this.join(this.part('join-form')))
  }

  async connect() {
    this.setState('connecting')
    try {
      await this.pipit.connectRealtime(event => this.receive(event))
    } catch (error) {
      if (this.state !== 'connecting') return // closed on purpose meanwhile
      this.setState('failed')
      this.conversation.showProblem(error)
    }
  }

  // Closing the socket behind the client's back is, to both sides, a lost connection.
  async cut() {
    const socket = await this.pipit.connectRealtime(event => this.receive(event))
    socket.close(COMING_BACK)
    this.conversation.showLine('You cut the line')
    this.setState('reconnecting')
  }

  // `form` may be a SubmitEvent or the form itself: the client reads the field "group" from either.
  async join(form) {
    const group = this.part('group-input').value
    await this.pipit.joinRealtime(form)
    this.enter(group || null)
  }

  enterFromLobby(group) {
    this.part('group-input').value = group
    this.part('join-form').requestSubmit()
  }

  async leave() {
    await this.pipit.joinRealtime({ group: null })
    this.enter(null)
  }

  async say(text) {
    await this.pipit.postRealtime(text, this.group ?? this.part('group-input').value)
  }

  // Unlike a message to the group, a private one does not come back to its sender.
  async whisper(text) {
    const user = this.part('private-to').value
    await this.pipit.postRealtime(text, { user })
    this.conversation.showBubble({ kind: 'private', sender: this.user, to: user, message: text })
  }

  async submit(event, send) {
    event.preventDefault()
    const input = event.target.elements.text
    const text = input.value
    input.value = ''
    const sent = await this.attempt(() => send(text))
    if (!sent && !input.value) input.value = text
  }

  async attempt(call) {
    try {
      await call()
      return true
    } catch (error) {
      this.conversation.showProblem(error)
      return false
    }
  }

  // ---- what the connection tells ----

  receive(event) {
    this.log.show(event)
    // Nobody misses who was never seen here: mostly that is a window which was closed before this one was there.
    if (event.code === 'USER_DISCONNECTED' && !this.met.has(event.sender)) return
    if (event.sender) this.meet(event.sender)
    switch (event.type) {
      case 'success':
        if (this.state === 'reconnecting') this.conversation.showLine('Back again')
        this.setState('online')
        break
      case 'reconnect':
        if (this.state === 'online') this.conversation.showLine('Connection lost, trying again')
        this.setState('reconnecting')
        break
      case 'close':
        this.conversation.showLine('Connection closed')
        this.enter(null, { quietly: true })
        this.calls.lose()
        this.setState('offline')
        break
      case 'error':
        // The group is gone for good; if the connection is too, "close" follows.
        this.conversation.showProblem(event)
        this.enter(null, { quietly: true })
        break
      case 'notice':
        this.conversation.showNotice(event)
        break
      case 'gap':
        this.attempt(() => this.showGap(event))
        break
      case 'message':
      case 'private':
        this.conversation.showBubble({ ...event, kind: event.type })
        break
      case 'rtc:incoming':
      case 'rtc:closed':
        this.calls.receive(event)
        break
    }
    this.dispatchEvent(new CustomEvent('told', { detail: event }))
  }

  // What the server still has of a group's is older than all that comes from now on.
  async showGap(gap) {
    const { sender_rid: group } = gap
    const line = this.conversation.showGap(gap)
    if (group === null) return
    this.gapLine = line
    const { list } = await this.pipit.getRealtimeHistory({ group, limit: MISSED_SHOWN_MAX })
    // After the next gap, offsets may mean something else.
    if (this.gapLine === line && this.group === group) this.conversation.fillGap(line, list)
  }

  get isUp() {
    return ['connecting', 'online', 'reconnecting'].includes(this.state)
  }

  // Somebody new can be whispered to.
  meet(user) {
    if (this.met.has(user)) return
    this.met.add(user)
    const select = this.part('private-to')
    if (!select.value) select.replaceChildren()
    const option = names.label(make('option'), user)
    option.value = user
    select.append(option)
  }

  turnTo(user) {
    this.meet(user)
    this.part('private-to').value = user
    this.part('private-input').focus()
  }

  rename() {
    const input = this.part('name')
    input.value = input.value.trim() || this.user.slice(0, 8)
    names.set(this.user, input.value)
    this.showName()
    this.#changed()
  }

  enter(group, { quietly = false } = {}) {
    if (!quietly && group !== this.group) this.conversation.showLine(group === null ? `You left ${this.group}` : `You joined ${group}`)
    this.group = group
    this.showGroup()
    this.lobby.enter(group)
    this.#changed()
  }

  setState(state) {
    this.state = state
    const indicator = this.part('state')
    indicator.dataset.state = state
    indicator.textContent = STATES[state]
    this.part('toggle').textContent = this.isUp ? 'Close' : 'Connect'
    this.part('cut').disabled = state !== 'online'
    this.lobby.setState(state)
    this.#changed()
  }

  #changed() {
    this.dispatchEvent(new Event('change'))
  }

  // ---- what the eye sees ----

  showName() {
    const name = this.part('name').value
    this.element.setAttribute('aria-label', name)
    this.element.querySelector('.avatar').textContent = [...name][0].toUpperCase()
    this.part('stream').setAttribute('aria-label', `What ${name} sees`)
    this.part('log-entries').setAttribute('aria-label', `Events ${name}'s client received`)
  }

  showGroup() {
    this.part('leave').disabled = this.group === null
    const hint = this.group === null ? 'Join a group first' : `Message to ${this.group}`
    this.part('message-input').placeholder = hint
    this.part('message-input').setAttribute('aria-label', hint)
  }
}
