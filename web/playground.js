// The playground: who is on the page, and what else can be done there.

import { Pipit } from '/pipit.mjs'
import { fetchDevToken, refusesDevTokens } from '/playground/dev_token.js'
import { makePart } from '/playground/elements.js'
import { names } from '/playground/names.js'
import { Person } from '/playground/person.js'
import { PushPanel } from '/playground/push_panel.js'
import { listenToSnippets } from '/playground/snippets.js'

const NAME_CHARACTERS_MAX = 24
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

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

function offerWindows(people) {
  const offer = (testid, text, query) => {
    const link = makePart(testid, 'a', '', text)
    link.href = `?${new URLSearchParams(query)}`
    link.target = '_blank'
    link.rel = 'noopener'
    return link
  }
  const third = offer('link-third-person', 'A third person', { solo: 'Cleo' })
  const again = people.map(({ user }) => {
    const name = names.of(user)
    return offer('link-second-window', `${name} once more`, { solo: name, me: user })
  })
  document.getElementById('windows').replaceChildren(third, ...again)
}

// Without tokens, and at a plain http address without what a browser keeps for secure pages, nothing here can work.
function showElsewhere() {
  const port = location.port || { 'http:': 80, 'https:': 443 }[location.protocol]
  const home = `${location.protocol}//127.0.0.1:${port}/`
  const elsewhere = document.getElementById('elsewhere')
  for (const link of elsewhere.querySelectorAll('a')) Object.assign(link, { href: home, textContent: home })
  elsewhere.querySelector('[data-testid="elsewhere-here"]').textContent = location.origin
  elsewhere.querySelector('[data-testid="elsewhere-tunnel"]').textContent = `ssh -L ${port}:127.0.0.1:${port} ${location.hostname}`
  document.body.classList.add('is-elsewhere')
  elsewhere.hidden = false
}

async function main() {
  if (await refusesDevTokens()) return showElsewhere()
  const people = cast().map(description => new Person(description))
  people.forEach((person, index) => (person.element.dataset.testid = `person-${index + 1}`))
  document.getElementById('people').replaceChildren(...people.map(person => person.element))
  for (const person of people) for (const other of people) if (other !== person) person.meet(other.user)
  if (people.length === 1) {
    document.body.classList.add('solo')
    document.title = `${names.of(people[0].user)} · Pipit playground`
    document.getElementById('tagline').textContent = 'One person, one real connection.'
  }

  names.followOtherWindows()
  listenToSnippets()
  offerWindows(people)
  // As an application's backend would be: with a token of its own, and without a WebSocket.
  const admin = new Pipit({ getToken: () => fetchDevToken('admin', 'admin') })
  new PushPanel(document.getElementById('push'), { people, admin })
  document.getElementById('people').addEventListener('change', ({ target }) => target.matches('.name') && offerWindows(people))

  // One after the other, so that the first sees the second come in.
  for (const person of people) await person.start()
  if (matchMedia('(hover: hover)').matches) people[0].part('message-input').focus({ preventScroll: true })
}

main()
