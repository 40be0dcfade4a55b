// The verdict over a whole run: every client's chronicle, and what became of every post.
//
// A record has
//   order, findings     see Order and Wire
//   clients             [{ name, user, chronicle }], see Walk
//   posts               id → { stream, state: 'pending' | 'resolved' | 'rejected', reason,
//                       answers: [{ place: { stream, epoch, offset } | null, generation, sentAtMs }] }
//   arrivals            user → [{ generation, atMs }]: when it was there
//   generations         how many servers there were
//   isDurable(stream), windowOf(stream)
import { messageEntry } from './order.mjs';
import { Walk } from './walk.mjs';

export function judge(record) {
  const { clients, posts } = record;
  // An answer to a post tells of the server's order, too: whoever was there then has to have heard the post.
  const order = record.order.with(answersOf(posts));
  const findings = [...record.findings, ...record.order.findings, ...order.findings];
  const figures = { posts: posts.size, resolved: 0, rejected: 0, again: 0, swallowed: 0, unsure: 0, unheard: 0 };
  for (const [id, post] of posts) judgePost(record, id, post, findings, figures);
  judgeEffects({ ...record, order }, findings, figures);
  judgeEpochs({ ...record, order }, findings);
  for (const { name, user, chronicle } of clients) {
    const walk = new Walk({ ...record, order, user }).run(chronicle);
    findings.push(...walk.findings.map(({ kind, text }) => ({ kind, text: `${name}: ${text}` })));
    for (const [figure, value] of Object.entries(walk.figures)) figures[figure] = (figures[figure] ?? 0) + value;
  }
  return { findings, figures };
}

function* answersOf(posts) {
  for (const [id, { answers }] of posts) {
    for (const { place, generation } of answers) if (place) yield { ...place, entry: messageEntry(id), generation };
  }
}

// The client was closed, or could not learn what became of it.
const saysNothingOfEffect = ['not_open', 'outcome_unknown'];

function judgePost(record, id, post, findings, figures) {
  const find = (kind, text) => findings.push({ kind, text: `post ${id} to ${post.stream} ${text}` });
  if (post.state === 'pending') return find('unsettled', 'was neither resolved nor rejected');
  figures[post.state] += 1;
  for (const answer of post.answers) judgeAnswer(record, id, post, answer, find, figures);
  const places = record.order.places(post.stream, id);
  if (post.state === 'rejected' && places.length > 0) figures.unsure += 1;
  if (post.state === 'rejected' && !saysNothingOfEffect.includes(post.reason) && places.length > 0) {
    find('refused', `was refused (${post.reason}), and delivered`);
  }
  if (post.state === 'resolved' && post.answers.length === 0) find('unasked', 'was resolved, and the server never said so');
  return undefined;
}

function judgeAnswer({ order, isDurable, generations, arrivals }, id, post, { place, generation, sentAtMs }, find, figures) {
  if (place === null) {
    const user = post.stream.slice(1);
    const wasHere = arrivals.get(user)?.some((arrival) => arrival.generation === generation && arrival.atMs < sentAtMs);
    if (post.stream.startsWith('#') || wasHere) find('swallowed', 'was accepted without a place');
    figures.swallowed += 1;
    return;
  }
  const { stream, epoch, offset } = place;
  if (order.at(stream, epoch, offset) !== undefined) return;
  figures.unheard += 1;
  // Nobody may have been there, or only clients that were told of a gap; whether that is so, their walks show. But the observer of a durable group
  // has everything, and the last word is heard in every stream of the last server.
  if (isDurable(stream)) find('lost', `was acknowledged at ${epoch} ${offset}, and nobody has heard it`);
  else if (generation === generations && order.end(stream, epoch) <= offset) {
    find('lost', `was acknowledged at ${epoch} ${offset}, and nobody has heard it, nor anything after it`);
  }
}

// Once, however often it was sent. A server that forgets with its memory what it has done may do it again, in another epoch.
function judgeEffects({ order, isDurable }, findings, figures) {
  for (const stream of order.streams()) {
    for (const [id, places] of order.messages(stream)) {
      if (places.length < 2) continue;
      const generations = new Set(places.map(({ epoch }) => order.generationOf(stream, epoch)));
      if (isDurable(stream) || generations.size < places.length) {
        const where = places.map(({ epoch, offset }) => `${epoch} ${offset}`).join(', ');
        findings.push({ kind: 'twice', text: `post ${id} to ${stream} took effect at ${where}` });
      } else figures.again += 1;
    }
  }
}

// A durable stream begins once; another one once with each server, unless nobody was there for long.
function judgeEpochs({ order, isDurable }, findings) {
  for (const stream of order.streams()) {
    const epochs = order.epochs(stream);
    const begun = isDurable(stream) ? 1 : new Set(epochs.map(({ generation }) => generation)).size;
    if (epochs.length !== begun) {
      const list = epochs.map(({ epoch, generation }) => `${epoch} (server ${generation})`).join(', ');
      findings.push({ kind: 'epoch', text: `${stream} began anew without a reason: ${list}` });
    }
  }
}
