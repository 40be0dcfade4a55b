// The lines of code that do what was just clicked.

const quote = text => `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`

// A value of JSON as one writes it in JavaScript.
function write(value) {
  if (typeof value === 'string') return quote(value)
  if (typeof value !== 'object') return String(value)
  return `{ ${members(value).join(', ')} }`
}

const members = object => Object.entries(object).map(([key, member]) => `${key}: ${write(member)}`)

const declare = notification => `const notification = {
${members(notification).map(member => `  ${member},\n`).join('')}}`

// What stands for a user in code: the name, as far as it has letters for that.
const variable = name => `${name.toLowerCase().replace(/[^a-z]/g, '') || 'user'}Id`

export const enabling = () => `// in a click, for the user who is signed in
await pipit.enablePush()`

export const disabling = () => 'await pipit.disablePush()'

// `to` is { user } with a name, or { group }. The message is the text of the notification.
export const posting = (to, notification) => `${declare(notification)}
await pipit.postRealtime(
  notification.body,
  ${to.user === undefined ? write(to) : `{ user: ${variable(to.user)} }`},
  notification,
)`

// `to` is { user } with a name; undefined is everyone.
export const pushing = (to, notification) => `// with a token whose role is 'admin'
${declare(notification)}
await admin.pushNotification(
  notification,
  ${to === undefined ? 'null' : variable(to.user)},
  { progress: console.log },
)`
