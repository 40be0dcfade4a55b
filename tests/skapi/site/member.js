// Somebody who uses skapi-js, in a page of its own: the client keeps its connection in the page, and who has signed in in the
// browser's storage. `me`, and what a call can do, is in calls.js of the tests in browsers.

// As people.js has it for the other client.
class Member extends Listener {
  // `server`: the origin it is reached at. `way`: how the client is told so, "?", "#" or "planted". `project`, if given,
  // takes the place of the service and its owner.
  static async make({ server, way, service, owner, project }) {
    const member = new Member();
    const host = new URL(server).host;
    // Nobody listens there: the client asks for it, planted or not, and goes without.
    const target_cdn = way === 'planted' ? '127.0.0.1:1/#' : `${host}/skapi/${way}`;
    if (way === 'planted') {
      const endpoints = await fetch(`${server}/skapi/`).then((answer) => answer.json());
      const planted = { connection: { group: 3 }, admin_endpoint: endpoints, record_endpoint: endpoints };
      sessionStorage.setItem(`${service}#${owner}`, JSON.stringify(planted));
    }
    member.pipit = new Skapi(...(project ? [project] : [service, owner]), {}, { target_cdn });
    return member;
  }

  async logIn(tokens) {
    this.profile = await this.pipit.loginWithToken(tokens);
    this.user = this.profile.user_id;
  }

  async connect() {
    await this.pipit.connectRealtime(this.hear);
    await this.first('success');
  }

  // Resolves, with what the client has said, once the server has heard of it, too.
  async join(group) {
    const answer = await this.pipit.joinRealtime({ group });
    const rows = await eventually(async () => {
      const { list } = await this.pipit.getRealtimeUsers({ group, user_id: this.user });
      return list.length > 0 && list;
    });
    if (rows.length === 1) this.cid = rows[0].cid;
    return answer;
  }

  // JSON, for a test cannot hand over every value.
  post(json, recipient, notification) {
    return this.pipit.postRealtime(JSON.parse(json), recipient, notification);
  }

  heard(json) {
    return this.firstThat(({ message }) => JSON.stringify(message) === json);
  }

  // What can be handed to a test of what was told.
  get events() {
    return this.told.map(({ connectRTC: _connectRTC, hangup: _hangup, ...event }) => ({ ...event }));
  }
}

async function enter(options) {
  me = await Member.make(options);
  if (options.tokens) await me.logIn(options.tokens);
  return { user: me.user, profile: me.profile };
}

async function leave() {
  await me.pipit.closeRealtime();
  await me.first('close');
}

// Goes if connected, and resolves once the server knows. Who is still to come back is not waited for.
async function part() {
  const socket = await Promise.race([me?.pipit.__socket, undefined]);
  if (!socket || socket.readyState === WebSocket.CLOSED) return;
  const gone = new Promise((resolve) => socket.addEventListener('close', resolve));
  await me.pipit.closeRealtime();
  await gone;
}

// The client renews its session at an address of its own; this leads that to the server, as docs/skapi.md has it.
function leadRenewals(server) {
  const { fetch } = window;
  window.fetch = (url, options) => fetch(/^https:\/\/cognito-idp\./.test(url) ? `${server}/skapi/cognito/` : url, options);
}

// From now on the page's clock is ahead.
function setClockAhead(ms) {
  const { Date } = window;
  window.Date = class extends Date {
    constructor(...when) {
      super(...(when.length > 0 ? when : [Date.now() + ms]));
    }

    static now() {
      return Date.now() + ms;
    }
  };
}

// All code points there are, halves of pairs too, in texts that JSON makes less than 2 MB of.
function everyCodePoint() {
  const texts = [];
  for (let from = 0; from < 0x110000; from += 0x40000) {
    let text = '';
    for (let point = from; point < Math.min(from + 0x40000, 0x110000); point++) text += String.fromCodePoint(point);
    texts.push(text);
  }
  return texts;
}
