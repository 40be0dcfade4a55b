// 12.*: permessage-deflate (RFC 7692) with the plain offer, over five kinds of content.
import { Opcode } from '../wire/frames.mjs';
import { bitmap, document, json, prose, html } from '../payloads.mjs';
import { deflateCases } from './deflate_rounds.mjs';

const plainOffer = ['permessage-deflate; client_no_context_takeover; client_max_window_bits'];

const kinds = [
  { title: 'JSON text', opcode: Opcode.text, content: json },
  { title: 'a bitmap', opcode: Opcode.binary, content: bitmap },
  { title: 'prose as binary', opcode: Opcode.binary, content: prose },
  { title: 'HTML text', opcode: Opcode.text, content: html },
  { title: 'a document of mixed parts', opcode: Opcode.binary, content: document },
];

export const cases = kinds.flatMap((kind, index) =>
  deflateCases(`12.${index + 1}`, kind, plainOffer, { title: kind.title, mustAgree: true }));
