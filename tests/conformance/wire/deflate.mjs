// RFC 7692: what was agreed on, and the messages of one connection under that agreement.
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

const extensionName = 'permessage-deflate';
const syncFlushTail = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const windowBitsMax = 15;
// zlib cannot write raw deflate for a 256-octet window; such a client sends its messages uncompressed.
const windowBitsWritable = 9;

// One element of Sec-WebSocket-Extensions as a map of its parameters (true where no value was given).
function parseExtension(element) {
  const [name, ...parameters] = element.split(';').map((part) => part.trim());
  if (name !== extensionName) throw new Error(`the extension "${name}", which was not offered`);
  const parsed = new Map();
  for (const parameter of parameters) {
    const [key, value = true] = parameter.split('=').map((part) => part.trim().replace(/^"(.*)"$/, '$1'));
    if (parsed.has(key)) throw new Error(`"${key}" twice in one extension`);
    parsed.set(key, value);
  }
  return parsed;
}

function checkResponseForm(response) {
  for (const [key, value] of response) {
    const isFlag = key === 'server_no_context_takeover' || key === 'client_no_context_takeover';
    const isBits = key === 'server_max_window_bits' || key === 'client_max_window_bits';
    if (!isFlag && !isBits) throw new Error(`the unknown extension parameter "${key}"`);
    if (isFlag && value !== true) throw new Error(`a value for "${key}"`);
    if (isBits && !/^([89]|1[0-5])$/.test(value)) throw new Error(`"${key}" of ${value}, not 8 to 15`);
  }
}

// Sections 7.1.1.1 to 7.1.2.2: what a response must repeat from an offer, and what it may not bring up by itself.
function answers(response, offer) {
  if (offer.has('server_no_context_takeover') && !response.has('server_no_context_takeover')) return false;
  const offeredBits = offer.get('server_max_window_bits');
  const agreedBits = response.get('server_max_window_bits');
  if (offeredBits !== undefined && !(Number(agreedBits) <= Number(offeredBits))) return false;
  if (response.has('client_max_window_bits') && !offer.has('client_max_window_bits')) return false;
  const hintedBits = offer.get('client_max_window_bits');
  return typeof hintedBits !== 'string' || Number(response.get('client_max_window_bits') ?? 0) <= Number(hintedBits);
}

// The agreement a server's header value stands for; null when it declined. `offers` are the elements that were sent.
// Throws an Error that names the fault when the value is malformed or answers none of the offers.
export function agree(headerValue, offers) {
  if (headerValue === '') return null;
  const elements = headerValue.split(',');
  if (offers.length === 0) throw new Error(`the extension "${headerValue}", which was not offered`);
  if (elements.length > 1) throw new Error('more than one accepted offer');
  const response = parseExtension(elements[0].trim());
  checkResponseForm(response);
  if (!offers.some((offer) => answers(response, parseExtension(offer)))) {
    throw new Error(`the answer "${headerValue}", which fits no offer`);
  }
  return {
    serverKeepsContext: !response.has('server_no_context_takeover'),
    clientKeepsContext: !response.has('client_no_context_takeover'),
    serverWindowBits: Number(response.get('server_max_window_bits') ?? windowBitsMax),
    clientWindowBits: Number(response.get('client_max_window_bits') ?? windowBitsMax),
  };
}

// Both directions of one connection. Between messages a kept context is nothing but the last window of plain octets,
// so it is handed to zlib as a preset dictionary and no stream has to stay open.
export class Deflate {
  #agreed;
  #sent = Buffer.alloc(0);
  #received = Buffer.alloc(0);

  constructor(agreed) {
    this.#agreed = agreed;
  }

  get canCompress() {
    return this.#agreed.clientWindowBits >= windowBitsWritable;
  }

  // `plain` must not be empty. Returns the payload of a message whose first frame carries RSV1.
  compress(plain) {
    const windowBits = this.#agreed.clientWindowBits;
    const out = deflateRawSync(plain, {
      level: constants.Z_BEST_SPEED,
      windowBits,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...dictionary(this.#sent),
    });
    if (this.#agreed.clientKeepsContext) this.#sent = lastWindow(this.#sent, plain, windowBits);
    return out.subarray(0, out.length - syncFlushTail.length);
  }

  // Throws when the octets are no deflate data, reach behind a context that was given up, or reach clearly behind the
  // agreed window: zlib lets a distance reach through the output of one step, so the step is kept to the window's size.
  decompress(payload) {
    const windowBits = this.#agreed.serverWindowBits;
    const plain = inflateRawSync(Buffer.concat([payload, syncFlushTail]), {
      windowBits,
      chunkSize: 1 << windowBits,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...dictionary(this.#received),
    });
    if (this.#agreed.serverKeepsContext) this.#received = lastWindow(this.#received, plain, windowBits);
    return plain;
  }
}

const dictionary = (context) => (context.length > 0 ? { dictionary: context } : {});

function lastWindow(context, plain, windowBits) {
  const windowBytes = 1 << windowBits;
  return Buffer.concat([context, plain.subarray(-windowBytes)]).subarray(-windowBytes);
}
