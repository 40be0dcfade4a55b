// Sits in a group without anything in between, so that all that the server sends there is in the Order. It speaks the protocol
// itself: an SDK that was wrong would not be wrong in the same way here.
import { groupStream, userStream } from './order.mjs';
import { Wire } from './wire.mjs';

const backMs = 50;

export class Observer {
  #run;
  #group;
  #user;
  #socket = null;
  #position; // { epoch, offset, generation } of the last event it has
  #left = 0; // events of a page still to come
  #isLast = true; // no page after this one
  #lastId = 0;
  #timer = null;
  #closed = false;
  #send = null; // a command on the present connection

  // run: { order, servers, WebSocket, record }, see run.mjs.
  constructor(run, group, user) {
    this.#run = run;
    this.#group = group;
    this.#user = user;
  }

  // How many of its posts wait for their answers.
  pending = 0;

  // Whether it hears what is sent now.
  get isLive() {
    return this.#socket !== null && this.#position !== undefined && this.#isLast && this.#left === 0;
  }

  // Connects to the server there is, or to the next one.
  open() {
    if (this.#closed) return;
    const { servers, WebSocket } = this.#run;
    const { current } = servers;
    if (current === null) return this.#later();
    const wire = this.#wire(current.generation);
    const socket = new WebSocket(`ws://127.0.0.1:${current.port}/v1/realtime`, ['pipit.v1']);
    this.#send = (command) => {
      const text = JSON.stringify({ id: (this.#lastId += 1), ...command });
      wire.onSent(text);
      socket.send(text);
    };
    socket.onopen = () => {
      this.#send({ op: 'connect', token: servers.server?.token(this.#user) ?? '' });
      this.#join();
    };
    socket.onmessage = ({ data }) => {
      if (data.includes('{}')) for (const json of data.split('\n')) if (json === '{}') socket.send('{}');
      wire.onReceived(data);
      this.#run.changed();
    };
    socket.onclose = () => {
      this.#socket = null;
      this.#later();
    };
    socket.onerror = () => {};
    this.#socket = socket;
  }

  // The last word to the group, or to a user.
  post(to, id) {
    this.#run.record.posts.set(id, { stream: to.user ? userStream(to.user) : groupStream(to.group), ...newPost() });
    this.pending += 1;
    this.#send({ op: 'post', to, data: { id }, key: id });
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
  }

  #later() {
    if (!this.#closed) this.#timer = setTimeout(() => this.open(), backMs);
  }

  #join() {
    const since = this.#position && { epoch: this.#position.epoch, offset: this.#position.offset };
    this.#left = 0;
    this.#isLast = false;
    this.#send({ op: 'join', group: this.#group, since });
  }

  #wire(generation) {
    const { order, record } = this.#run;
    const who = `observer of ${this.#group}`;
    const find = (kind, text) => record.findings.push({ kind, text: `${who}: ${text}` });
    return new Wire({
      order,
      who,
      user: this.#user,
      generation: () => generation,
      tell: {
        finding: (finding) => record.findings.push(finding),
        place: ({ epoch, offset, recovered, replayed, more, reason, since }) => {
          const before = this.#position;
          if (recovered === false && (record.isDurable(groupStream(this.#group)) || before.generation === generation)) {
            find('gap', `${reason} from ${since.epoch} ${since.offset} to ${epoch} ${offset}`);
          }
          if (before && recovered === undefined) find('gap', 'the answer to join does not say whether it is recovered');
          this.#position = { epoch, offset, generation };
          this.#isLast = !more;
          this.#left = replayed ?? 0;
          this.#afterPage();
        },
        heard: (stream, epoch, offset) => {
          if (!stream.startsWith('#')) return;
          this.#position.offset = offset;
          this.#left = Math.max(0, this.#left - 1);
          this.#afterPage();
        },
        posted: (id, place) => {
          this.pending -= 1;
          settlePost(record.posts.get(id), place, generation);
        },
      },
    });
  }

  #afterPage() {
    if (this.#left === 0 && !this.#isLast) this.#join();
  }
}

const newPost = () => ({ state: 'pending', reason: null, answers: [], sentAtMs: performance.now() });

function settlePost(post, place, generation) {
  post.state = 'resolved';
  post.answers.push({ place, generation, sentAtMs: post.sentAtMs });
}
