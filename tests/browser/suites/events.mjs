// What the callback is told, whole; and what may be said.

const event = (type, message, { user = null, cid = null } = {}, group = null, code = null) => ({
  type,
  message,
  sender: user,
  sender_cid: cid,
  sender_rid: group,
  code,
});

export const success = event('success', 'Connected to WebSocket server.');
// After a reconnect by which nothing is lost, and so many messages came late.
export const recovered = (messages) => ({ ...success, recovered: true, recovered_messages: messages });
export const closed = event('close', 'WebSocket connection closed.');
export const reconnect = (attempt) => event('reconnect', `Reconnecting to WebSocket server...${attempt}`);
export const message = (sender, group, value) => event('message', value, sender, group);
export const privately = (sender, value) => event('private', value, sender);

const notice = (code, verb) => (who, group) => event('notice', `User "${who.user}" has ${verb}`, who, group, code);
export const joined = notice('USER_JOINED', 'joined the message group.');
export const left = notice('USER_LEFT', 'left the message group.');
export const disconnected = notice('USER_DISCONNECTED', 'been disconnected. The user has left the message group.');

// [what it is, the value]
export const jsonValues = [
  ['zero', 0],
  ['a number with a fraction and an exponent', -1.5e-9],
  ['the largest number', Number.MAX_VALUE],
  ['empty text', ''],
  ['false', false],
  ['null', null],
  ['an empty array', []],
  ['an empty object', {}],
  ['emoji', '👩‍👩‍👧 🫖 é 漢'],
  ['quotes, backslashes and markup', `"double" 'single' \\ </script><img src=x onerror=alert(1)>`],
  ['per cent signs', '100 % %41 %s %'],
  ['control characters', '\0\b\t\n\r\u001f\u007f\u2028\u2029'],
  ['halves of surrogate pairs', ['\ud800', '\udfff', 'a\udc00b']],
  ['keys of any kind', { '': 1, 'a.b': 2, ev: 'message', id: 1, constructor: 3, '🫖': 4, toJSON: 5 }],
  ['deep and mixed', { a: [{ b: [[[{ c: [true, null, 'x', 1] }]]] }] }],
];
