// 13.*: what a client may offer for permessage-deflate (RFC 7692, 7.1), alone and as a list to choose from.
import { Opcode } from '../wire/frames.mjs';
import { json } from '../payloads.mjs';
import { deflateCases } from './deflate_rounds.mjs';

const base = 'permessage-deflate; client_no_context_takeover; client_max_window_bits';
const noTakeover = `${base}; server_no_context_takeover`;

// Declining a window or a context rule is allowed; declining the plain offer is not what a deflating server does.
const offerLists = [
  { offers: [base], mustAgree: true, title: 'plain offer' },
  { offers: [noTakeover], mustAgree: false, title: 'no server context' },
  { offers: [`${base}; server_max_window_bits=9`], mustAgree: false, title: 'server window of 9 bits' },
  { offers: [`${base}; server_max_window_bits=15`], mustAgree: false, title: 'server window of 15 bits' },
  { offers: [`${noTakeover}; server_max_window_bits=9`], mustAgree: false, title: 'no server context, window of 9 bits' },
  { offers: [`${noTakeover}; server_max_window_bits=15`], mustAgree: false, title: 'no server context, window of 15 bits' },
  { offers: [`${noTakeover}; server_max_window_bits=9`, noTakeover, base], mustAgree: true, title: 'three offers' },
];

const jsonText = { opcode: Opcode.text, content: json };

export const cases = offerLists.flatMap(({ offers, mustAgree, title }, index) =>
  deflateCases(`13.${index + 1}`, jsonText, offers, { title, mustAgree }));
