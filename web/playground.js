// The playground: each person on the page is a client of its own, with its own token and its own WebSocket.
// Whatever arrives is hostile until shown otherwise: it reaches the page through textContent only.

import { Pipit } from '/pipit.mjs'

const STREAM_ITEMS_MAX = 300
const LOG_ENTRIES_MAX = 200
const NAMES_MAX = 50
const NAME_CHARACTERS_MAX = 24
const FEEDBACK_MS = 1600
const FOLLOW_DISTANCE_PX = 48
const FIRST_GROUP = 'lobby'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const STATES = {
  offline: 'Offline',
  connecting: 'Connecting…',
  online: 'Connected',
  reconnecting: 'Reconnecting…',
  failed: 'Failed',
}

const NOTICES = {
  USER_JOINED: 'joined',
  USER_LEFT: 'left',
  USER_DISCONNECTED: 'lost the connection',
}

function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

// Adds at the end, drops the oldest over `max`, and scrolls along unless the reader has scrolled back.
function appendBounded(list, item, max) {
  const follows = list.scrollHeight - list.scrollTop - list.clientHeight < FOLLOW_DISTANCE_PX
  list.append(item)
  while (list.children.length > max) list.firstElementChild.remove()
  if (follows) list.scrollTop = list.scrollHeight
}

function flash(button, text) {
  button.dataset.label ??= button.textContent
  button.textContent = text
  clearTimeout(button.timer)
  button.timer = setTimeout(() => (button.textContent = button.dataset.label), FEEDBACK_MS)
}

async function copyText(button, text, source) {
  try {
    await navigator.clipboard.writeText(text)
    flash(button, 'Copied')
  } catch {
    // No clipboard here (permission, or not a secure context): the selection can still be copied by hand.
    getSelection().selectAllChildren(source)
    flash(button, 'Selected')
  }
}

// Display names never leave the browser. They are kept where its other windows find them, so that a third person's
// window can say "Ann" too; someone unknown is called by the start of the user id.
const names = {
  key: 'pipit.playground.names',
  read() {
    return new Map(JSON.parse(localStorage.getItem(this.key) ?? '[]'))
  },
  of(user) {
    return this.read().get(user) ?? user.slice(0, 8)
  },
  set(user, name) {
    const all = this.read()
    all.delete(user)
    all.set(user, name)
    localStorage.setItem(this.key, JSON.stringify([...all].slice(-NAMES_MAX)))
    this.relabel()
  },
  label(element, user) {
    element.dataset.user = user
    element.textContent = this.of(user)
    return element
  },
  relabel() {
    for (const element of document.querySelectorAll('[data-user]')) this.label(element, element.dataset.user)
  },
}

class Person {
  constructor({ user, name, hue, greeting = '' }) {
    this.user = user
    this.hue = hue
    this.group = null
    this.pipit = new Pipit({ getToken: () => this.fetchToken() })

    this.element = document.getElementById('person-template').content.cloneNode(true).firstElementChild
    this.element.classList.add(`hue-${hue}`)
    this.part('name').value = name
    this.part('copy-id').textContent = user.slice(0, 8)
    this.part('copy-id').title = `Copy the user id ${user}`
    this.part('message-input').value = greeting
    this.part('log').open = matchMedia('(min-width: 70rem)').matches
    names.set(user, name)
    this.showName()
    this.showGroup()
    this.listen()
  }

  part(testid) {
    return this.element.querySelector(`[data-testid="${testid}"]`)
  }

  async fetchToken() {
    const response = await fetch(`/dev/token?user=${encodeURIComponent(this.user)}`)
    if (!response.ok) throw new Error(`GET /dev/token answered ${response.status}`)
    return (await response.json()).token
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
      this.showProblem(error)
    }
  }

  // Closing the socket behind the client's back is, to the client, a lost connection.
  async cut() {
    const socket = await this.pipit.connectRealtime(event => this.receive(event))
    socket.close()
    this.showLine('You cut the line')
    this.setState('reconnecting')
  }

  // `form` may be a SubmitEvent or the form itself: the client reads the field "group" from either.
  async join(form) {
    const group = this.part('group-input').value
    await this.pipit.joinRealtime(form)
    this.enter(group || null)
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
    this.showBubble({ kind: 'private', sender: this.user, to: user, message: text })
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
      this.showProblem(error)
      return false
    }
  }

  // ---- what the connection tells ----

  receive(event) {
    this.showLogged(event)
    if (event.sender && event.sender !== this.user) this.meet(event.sender)
    switch (event.type) {
      case 'success':
        if (this.state === 'reconnecting') this.showLine('Back again')
        this.setState('online')
        break
      case 'reconnect':
        if (this.state === 'online') this.showLine('Connection lost, trying again')
        this.setState('reconnecting')
        break
      case 'close':
        this.showLine('Connection closed')
        this.enter(null, { quietly: true })
        this.setState('offline')
        break
      case 'error':
        // The group is gone for good; if the connection is too, "close" follows.
        this.showProblem(event)
        this.enter(null, { quietly: true })
        break
      case 'notice':
        this.showNotice(event)
        break
      case 'message':
      case 'private':
        this.showBubble({ kind: event.type, sender: event.sender, message: event.message })
        break
    }
  }

  get isUp() {
    return ['connecting', 'online', 'reconnecting'].includes(this.state)
  }

  // Somebody new can be whispered to.
  meet(user) {
    const select = this.part('private-to')
    if (!select.value) select.replaceChildren()
    if ([...select.options].some(option => option.value === user)) return
    const option = names.label(make('option'), user)
    option.value = user
    select.append(option)
  }

  rename() {
    const input = this.part('name')
    input.value = input.value.trim() || this.user.slice(0, 8)
    names.set(this.user, input.value)
    this.showName()
    offerWindows()
  }

  enter(group, { quietly = false } = {}) {
    if (!quietly && group !== this.group) this.showLine(group === null ? `You left ${this.group}` : `You joined ${group}`)
    this.group = group
    this.showGroup()
  }

  setState(state) {
    this.state = state
    const indicator = this.part('state')
    indicator.dataset.state = state
    indicator.textContent = STATES[state]
    this.part('toggle').textContent = this.isUp ? 'Close' : 'Connect'
    this.part('cut').disabled = state !== 'online'
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

  append(item) {
    appendBounded(this.part('stream'), item, STREAM_ITEMS_MAX)
  }

  showLine(text) {
    const line = make('p', 'line', text)
    line.dataset.testid = 'line'
    this.append(line)
  }

  showNotice({ sender, code, message }) {
    const line = make('p', 'line')
    line.dataset.testid = 'notice'
    line.dataset.code = code
    line.title = message
    line.append(names.label(make('strong'), sender), ` ${NOTICES[code] ?? code}`)
    this.append(line)
  }

  showProblem({ code, message, cause }) {
    const line = make('p', 'line problem')
    line.dataset.testid = 'problem'
    if (code) line.append(make('code', '', code), ' ')
    line.append(cause ? `${message} ${cause.message}` : message)
    this.append(line)
  }

  showBubble({ kind, sender, to, message }) {
    const own = sender === this.user
    const before = this.part('stream').lastElementChild
    const bubble = make('article', `bubble ${own ? 'own' : 'other'} ${kind}`)
    bubble.dataset.testid = 'bubble'
    bubble.dataset.kind = kind
    bubble.dataset.sender = sender
    if (before?.dataset.sender === sender && before.dataset.kind === kind) bubble.classList.add('follows')

    const by = make('p', `by ${hueOf(sender)}`)
    by.append(names.label(make('strong'), sender))
    if (to) by.append(' to ', names.label(make('strong'), to))
    if (kind === 'private') by.append(' · private')

    const isText = typeof message === 'string'
    const body = make('p', isText ? 'text' : 'text json', isText ? message : JSON.stringify(message))
    body.dataset.testid = 'bubble-text'
    bubble.append(by, body)
    this.append(bubble)
  }

  showLogged(event) {
    const summary = make('summary')
    summary.append(make('b', `type type-${event.type}`, event.type), ' ', make('code', '', JSON.stringify(event)))
    const details = make('details')
    details.append(summary, make('pre', '', JSON.stringify(event, null, 2)))
    const entry = make('li')
    entry.dataset.testid = 'log-entry'
    entry.dataset.type = event.type
    entry.append(details)
    appendBounded(this.part('log-entries'), entry, LOG_ENTRIES_MAX)
    this.part('log-count').textContent = Number(this.part('log-count').textContent) + 1
  }
}

const people = []

function hueOf(user) {
  return `hue-${people.find(person => person.user === user)?.hue ?? 'other'}`
}

// The same person comes back after a reload of this window.
function userIdFor(name) {
  const key = `pipit.playground.user.${name}`
  const user = sessionStorage.getItem(key) ?? crypto.randomUUID()
  sessionStorage.setItem(key, user)
  return user
}

// `?solo=NAME` shows one person instead of two; `&me=UUID` says who that is, for a second window of the same user.
function cast() {
  const query = new URLSearchParams(location.search)
  const solo = query.get('solo')?.trim().slice(0, NAME_CHARACTERS_MAX)
  if (!solo) {
    return [
      { user: userIdFor('Ann'), name: 'Ann', hue: 1, greeting: 'Hello Ben, can you hear me?' },
      { user: userIdFor('Ben'), name: 'Ben', hue: 2 },
    ]
  }
  const me = query.get('me') ?? ''
  return [{ user: UUID.test(me) ? me : userIdFor(solo), name: solo, hue: 'other', greeting: `${solo} is here, too.` }]
}

function offerWindows() {
  const offer = (text, query) => {
    const link = make('a', '', text)
    link.href = `?${new URLSearchParams(query)}`
    link.target = '_blank'
    link.rel = 'noopener'
    return link
  }
  const third = offer('A third person', { solo: 'Cleo' })
  third.dataset.testid = 'link-third-person'
  const again = people.map(person => {
    const link = offer(`${names.of(person.user)} once more`, { solo: names.of(person.user), me: person.user })
    link.dataset.testid = 'link-second-window'
    return link
  })
  document.getElementById('windows').replaceChildren(third, ...again)
}

function listenToSnippets() {
  const tabs = [...document.querySelectorAll('[role="tab"]')]
  const panelOf = tab => document.getElementById(tab.getAttribute('aria-controls'))
  const selected = () => tabs.find(tab => tab.getAttribute('aria-selected') === 'true')
  const select = chosen => {
    for (const tab of tabs) {
      tab.setAttribute('aria-selected', tab === chosen)
      tab.tabIndex = tab === chosen ? 0 : -1
      panelOf(tab).hidden = tab !== chosen
    }
  }
  for (const tab of tabs) {
    tab.addEventListener('click', () => select(tab))
    tab.addEventListener('keydown', ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key]
      if (!step) return
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]
      select(next)
      next.focus()
    })
  }
  const copy = document.getElementById('copy')
  copy.addEventListener('click', () => copyText(copy, panelOf(selected()).textContent, panelOf(selected())))
}

async function main() {
  for (const description of cast()) {
    const person = new Person(description)
    people.push(person)
    person.element.dataset.testid = `person-${people.length}`
  }
  document.getElementById('people').replaceChildren(...people.map(person => person.element))
  for (const person of people) for (const other of people) if (other !== person) person.meet(other.user)
  if (people.length === 1) {
    document.body.classList.add('solo')
    document.title = `${names.of(people[0].user)} · Pipit playground`
    document.getElementById('tagline').textContent = 'One person, one real connection.'
  }

  addEventListener('storage', event => event.key === names.key && names.relabel())
  listenToSnippets()
  offerWindows()

  // One after the other, so that the first sees the second come in.
  for (const person of people) await person.start()
  if (matchMedia('(hover: hover)').matches) people[0].part('message-input').focus({ preventScroll: true })
}

main()
