// Which groups there are and who is in the joined one, as one person's connection is told. A group is joined by a click, a
// member whispered to or called.

import { keepRows, make, makePart, part, setText } from '/playground/elements.js'
import { hueOf, names } from '/playground/names.js'
import { WatchedList } from '/playground/watched_list.js'

const GROUPS_MAX = 20
// Of connections: somebody with three windows has three.
const MEMBERS_MAX = 100
const SEARCH_DELAY_MS = 150
const NOT_CONNECTED = 'Not connected.'
const NO_GROUP = 'Join a group to see who is in it.'

const shortCid = cid => cid.replace('cid:', '').slice(0, 8)
const people = number => (number === 1 ? '1 person' : `${number} people`)

// Rows of connections by user, both in the order in which they came.
function byUser(rows) {
  const users = new Map()
  for (const { user_id: user, cid } of rows) users.set(user, [...(users.get(user) ?? []), cid])
  return [...users].map(([user, cids]) => ({ user, cids }))
}

export class Lobby {
  #group = null
  #isUp = false
  #searchTimer

  // `join(group)`, `whisper(user)` and `call({ user, cid? })` are called when somebody is clicked.
  constructor(element, { pipit, user, join, whisper, call }) {
    Object.assign(this, { element, pipit, user, join, whisper, call })
    this.groups = new WatchedList(part(element, 'groups'), {
      show: rows => this.#showGroups(rows),
      whenEmpty: () => (this.#prefix ? `No group starts with “${this.#prefix}”.` : 'Nobody is here yet.'),
    })
    this.members = new WatchedList(part(element, 'members'), {
      show: rows => this.#showMembers(rows),
      whenEmpty: () => 'Nobody is here yet.',
    })
    this.groups.clear(NOT_CONNECTED)
    this.members.clear(NOT_CONNECTED)
    this.#listen()
  }

  // The state of the connection, as the person's.
  setState(state) {
    const lists = [this.groups, this.members]
    if (state === 'reconnecting') return lists.forEach(list => list.lose())
    if (state === 'online' && this.#isUp) return lists.forEach(list => list.resume())
    this.#isUp = state === 'online'
    this.#ask()
  }

  // The group that the person is in, or null.
  enter(group) {
    if (group === this.#group) return
    this.#group = group
    setText(part(this.element, 'members-head'), group === null ? 'Members' : `In ${group}`)
    this.members.clear('')
    if (this.#isUp) this.#askMembers()
    this.#showGroups(this.groups.rows)
  }

  get #prefix() {
    return part(this.element, 'groups-search').value
  }

  #listen() {
    const search = part(this.element, 'groups-search')
    const order = part(this.element, 'groups-order')
    // Names are searched in their own order.
    search.addEventListener('input', () => {
      if (search.value) order.value = 'group'
      clearTimeout(this.#searchTimer)
      this.#searchTimer = setTimeout(() => this.#isUp && this.#askGroups(), SEARCH_DELAY_MS)
    })
    order.addEventListener('change', () => {
      if (order.value !== 'group') search.value = ''
      if (this.#isUp) this.#askGroups()
    })
  }

  #ask() {
    if (this.#isUp) {
      this.#askGroups()
      this.#askMembers()
    } else {
      this.groups.clear(NOT_CONNECTED)
      this.members.clear(NOT_CONNECTED)
    }
  }

  #askGroups() {
    const searchFor = part(this.element, 'groups-order').value
    const params = this.#prefix ? { searchFor, value: this.#prefix, condition: '>=' } : { searchFor }
    const options = { limit: GROUPS_MAX, ascending: searchFor === 'group' }
    this.groups.ask(callback => this.pipit.watchRealtimeGroups(params, callback, options))
  }

  #askMembers() {
    const group = this.#group
    if (group === null) this.members.clear(NO_GROUP)
    else this.members.ask(callback => this.pipit.watchRealtimeUsers({ group }, callback, { limit: MEMBERS_MAX }))
  }

  #showGroups(rows) {
    keepRows(part(this.element, 'groups-list'), rows, {
      key: ({ group }) => group,
      create: ({ group }) => this.#makeGroup(group),
      update: (row, { group, number_of_users: number }) => {
        const button = row.firstElementChild
        const isJoined = group === this.#group
        setText(part(row, 'group-count'), String(number))
        button.setAttribute('aria-label', `${isJoined ? 'In' : 'Join'} ${group}, ${people(number)}`)
        button.setAttribute('aria-current', isJoined)
      },
    })
    this.#showCounts()
  }

  #makeGroup(group) {
    const row = makePart('group-row', 'li')
    const button = makePart('group', 'button', 'entry')
    button.type = 'button'
    button.title = group
    button.append(make('span', 'entry-name', group), makePart('group-count', 'span', 'entry-count'))
    button.addEventListener('click', () => this.join(group))
    row.append(button)
    return row
  }

  #showMembers(rows) {
    keepRows(part(this.element, 'members-list'), byUser(rows), {
      key: ({ user }) => user,
      create: ({ user }) => this.#makeMember(user),
      update: (row, { user, cids }) =>
        keepRows(part(row, 'devices'), cids, {
          key: cid => cid,
          create: cid => this.#makeDevice(user, cid),
          update: (device, cid) => {
            const isOwn = cid === this.pipit.user?.cid
            const button = device.firstElementChild
            device.dataset.own = button.disabled = isOwn
            setText(button, isOwn ? `${shortCid(cid)} · this one` : shortCid(cid))
          },
        }),
    })
    this.#showCounts()
  }

  #makeMember(user) {
    const isOwn = user === this.user
    const row = makePart('member-row', 'li', hueOf(user))
    const name = names.label(make('span', 'entry-name'), user)
    const entry = makePart('member', isOwn ? 'p' : 'button', 'entry')
    entry.append(name)
    if (isOwn) {
      entry.append(make('span', 'entry-note', 'you'))
    } else {
      entry.type = 'button'
      entry.title = 'Whisper'
      entry.addEventListener('click', () => this.whisper(user))
    }
    const line = make('div', 'member-line')
    line.append(entry)
    if (!isOwn) line.append(this.#makeCall(user))
    row.append(line, makePart('devices', 'ul', 'devices'))
    return row
  }

  #makeCall(user) {
    const button = makePart('member-call', 'button', 'quiet member-call', 'Call')
    button.type = 'button'
    button.title = 'Calls every window of this person; the first to answer has the call'
    button.addEventListener('click', () => this.call({ user }))
    return button
  }

  // Any window but this one can be called.
  #makeDevice(user, cid) {
    const device = makePart('device', 'li')
    const button = makePart('device-call', 'button', 'device-call')
    button.type = 'button'
    button.title = `Call this window: ${cid}`
    button.addEventListener('click', () => this.call({ user, cid }))
    device.append(button)
    return device
  }

  #showCounts() {
    const more = list => (list.endOfList ? '' : '+')
    const { groups, members } = this
    const texts = []
    const users = byUser(members.rows).length
    const rooms = groups.rows.length
    if (users > 0) texts.push(`${users}${more(members)} here`)
    if (rooms > 0) texts.push(`${rooms}${more(groups)} ${rooms === 1 ? 'group' : 'groups'}`)
    setText(part(this.element, 'lobby-counts'), texts.join(' · '))
  }
}
