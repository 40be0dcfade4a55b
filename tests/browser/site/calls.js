// One side of a call, in a page of its own. `me` is who sits at it.

const CAMERA = { video: { width: 160, height: 120, frameRate: 10 }, audio: true };
const PRESETS = ['text-chat', 'file-transfer', 'video-chat', 'voice-chat', 'gaming'];
const CHANNELS = [...PRESETS, { protocol: 'mine', ordered: false, maxRetransmits: 2 }];
const LOOK_AGAIN_MS = 50;
const FRAMES = 8;
const BUFFERED_BYTES_MAX = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

let me;
let connector;
let call;
// What the call's callback was told: [type, protocol of the channel, data], without the stream of bytes.
let told = [];
let bytes = [];

async function arrive(user) {
  [me] = [await new Person(user).connect()];
  return { user: me.user, cid: me.cid };
}

// Statistics come without events, so they are looked at again and again.
async function eventually(check) {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (performance.now() > end) throw new Error(`Never true: ${check}; ${JSON.stringify(me?.told)} ${JSON.stringify(told)}`);
    await new Promise((resolve) => clock.set(resolve, LOOK_AGAIN_MS));
  }
}

// The next event of this type, which is not there for the one after it.
async function next(type) {
  const event = await me.first(type);
  me.told.splice(me.told.indexOf(event), 1);
  return event;
}

function listen({ type, target, data, track }) {
  if (type === 'message' && typeof data !== 'string') bytes.push(data);
  else told.push([type, target.protocol, data]);
  if (type === 'track') show(track);
}

const hasTold = (...wanted) => eventually(() => told.find((event) => wanted.every((value, index) => event[index] === value)));

// What is left of calls, once that is nothing or has had its time to go: browsers tell of the end of a channel, with which its
// listeners go, only some time after its connection was closed.
async function whatRemains() {
  await eventually(() => Object.values(remains()).every((count) => count === 0)).catch(() => {});
  return remains();
}

// ---- ringing ----

// What tests ask for by name, since a test cannot hand over what only a page has.
const withCamera = ({ media, ...params }) => (media === 'CAMERA' ? { ...params, media: CAMERA } : params);

async function dial(to, params) {
  [told, bytes] = [[], []];
  connector = await me.pipit.connectRTC({ channels: CHANNELS, ...params, ...to }, listen);
}

// What became of the call that this side has made: "connected" or why not.
async function outcome() {
  try {
    call = await connector.connection;
    return 'connected';
  } catch ({ code, reason }) {
    return `${code} ${reason}`;
  }
}

async function answer(params) {
  [told, bytes] = [[], []];
  const { sender, sender_cid: cid, connectRTC } = await next('rtc:incoming');
  call = await connectRTC(params, listen);
  return { sender, cid };
}

async function over() {
  const { sender, sender_cid: cid, reason } = await next('rtc:closed');
  return { sender, cid, reason };
}

const inState = (...states) => eventually(() => states.includes(call.target.connectionState));

// ---- pictures and sound ----

function show(track) {
  const id = `remote-${track.kind}`;
  const element = document.getElementById(id) ?? document.createElement(track.kind);
  Object.assign(element, { id, autoplay: true, playsInline: true, srcObject: new MediaStream([track]) });
  document.body.append(element);
}

async function received() {
  const sum = { frames: 0, energy: 0 };
  for (const { type, framesDecoded = 0, totalAudioEnergy = 0 } of (await call.target.getStats()).values()) {
    if (type !== 'inbound-rtp') continue;
    sum.frames += framesDecoded;
    sum.energy += totalAudioEnergy;
  }
  return sum;
}

function picture() {
  const video = document.getElementById('remote-video');
  if (!video?.videoWidth) return null;
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height).data;
}

const isBlack = (pixels) => pixels.every((value, index) => index % 4 === 3 || value < 16);

// From now on frames are decoded and sound is heard, and what is seen moves and is not black.
async function flows() {
  const before = await received();
  await eventually(async () => {
    const now = await received();
    return now.frames >= before.frames + FRAMES && now.energy > before.energy;
  });
  const first = await eventually(picture);
  await eventually(() => picture().some((value, index) => value !== first[index]) && !isBlack(picture()));
  return true;
}

// The kinds of the candidates in use: [this side's, the other's].
async function path() {
  const stats = await call.target.getStats();
  const all = [...stats.values()];
  const chosen = all.find(({ type }) => type === 'transport')?.selectedCandidatePairId;
  const pair = stats.get(chosen) ?? all.find(({ type, selected }) => type === 'candidate-pair' && selected);
  return [stats.get(pair.localCandidateId).candidateType, stats.get(pair.remoteCandidateId).candidateType];
}

// The kinds of candidates that this page finds with these servers and the policy "relay".
async function relayCandidates(iceServers) {
  const connection = new RTCPeerConnection({ iceServers, iceTransportPolicy: 'relay' });
  const found = [];
  connection.onicecandidate = ({ candidate }) => candidate?.candidate && found.push(candidate.type);
  connection.createDataChannel('any');
  await connection.setLocalDescription();
  await eventually(() => connection.iceGatheringState === 'complete');
  connection.close();
  return found;
}

// ---- what channels carry ----

// Every channel that may lose something says it again until the other side has heard it: `stop()` ends that.
function talk() {
  const timer = setInterval(() => {
    for (const [protocol, channel] of Object.entries(call.channels)) {
      if (channel.readyState === 'open' && protocol !== 'file-transfer') channel.send(`${protocol} of ${me.user}`);
    }
  }, LOOK_AGAIN_MS);
  return () => clearInterval(timer);
}

async function heardFrom(user) {
  const protocols = Object.keys(call.channels).filter((protocol) => protocol !== 'file-transfer');
  for (const protocol of protocols) await hasTold('message', protocol, `${protocol} of ${user}`);
  return protocols;
}

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

async function hash(buffers) {
  return hex(await crypto.subtle.digest('SHA-256', await new Blob(buffers).arrayBuffer()));
}

// Sends a file of so many bytes, which are different each time. Returns its SHA-256.
async function sendFile(size) {
  const channel = call.channels['file-transfer'];
  await eventually(() => channel.readyState === 'open');
  channel.bufferedAmountLowThreshold = BUFFERED_BYTES_MAX / 4;
  const chunks = [];
  for (let sent = 0; sent < size; sent += CHUNK_BYTES) {
    const chunk = crypto.getRandomValues(new Uint8Array(Math.min(CHUNK_BYTES, size - sent)));
    chunks.push(chunk);
    channel.send(chunk);
    if (channel.bufferedAmount < BUFFERED_BYTES_MAX) continue;
    await new Promise((resolve) => (channel.onbufferedamountlow = resolve));
  }
  return hash(chunks);
}

async function receiveFile(size) {
  await eventually(() => bytes.reduce((sum, chunk) => sum + (chunk.byteLength ?? chunk.size), 0) >= size);
  return hash(bytes);
}
