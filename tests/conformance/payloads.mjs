// Message contents, the same in every run.

// xorshift32; the sequence for one seed never changes.
export function randomSource(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const line = 'The ferry leaves at 07:45 with 12 crates of apples & a piano. ';

export const asciiText = (size) => Buffer.alloc(size, line);

// Every octet value, and no period that a buffer boundary could hide.
export function octets(size) {
  const next = randomSource(size + 1);
  const out = Buffer.allocUnsafe(size);
  for (let i = 0; i < size; ++i) out[i] = next() & 0xff;
  return out;
}

const contentBytes = 256 * 1024;
const words = ('harbour lantern quiet seven under bridge copper morning almost river letter between garden salt window '
  + 'engine slowly winter market answer road paper thunder little north').split(' ');

const once = (make) => {
  let made;
  return () => (made ??= make());
};

function untilFull(nextPart) {
  const parts = [];
  for (let bytes = 0; bytes < contentBytes; bytes += parts.at(-1).length) parts.push(Buffer.from(nextPart()));
  return Buffer.concat(parts).subarray(0, contentBytes);
}

// All but `bitmap` and `document` are ASCII, so that any slice of them is valid text.
export const json = once(() => {
  const next = randomSource(101);
  let id = 0;
  return untilFull(() => `${JSON.stringify({
    id: ++id,
    name: words[next() % words.length],
    tags: [words[next() % words.length], words[next() % words.length]],
    score: (next() % 100000) / 100,
    active: next() % 2 === 0,
  })},\n`);
});

export const prose = once(() => {
  const next = randomSource(102);
  return untilFull(() => {
    const sentence = Array.from({ length: 4 + next() % 12 }, () => words[next() % words.length]).join(' ');
    return `${sentence[0].toUpperCase()}${sentence.slice(1)}.${next() % 6 === 0 ? '\n\n' : ' '}`;
  });
});

export const html = once(() => {
  const next = randomSource(103);
  return untilFull(() => {
    const [first, second] = [words[next() % words.length], words[next() % words.length]];
    const link = `<a href="/${first}/${next() % 1000}">${first} ${second}</a>`;
    return `<li class="row ${first}">${link} <em>${next() % 100} %</em></li>\n`;
  });
});

// Eight-bit grey of 512 pixels a row: a slope with noise in the low bits, hard but not impossible to compress.
export const bitmap = once(() => {
  const next = randomSource(104);
  const pixels = Buffer.allocUnsafe(contentBytes);
  for (let i = 0; i < contentBytes; ++i) pixels[i] = ((i % 512) + Math.floor(i / 512)) / 4 + next() % 32;
  return pixels;
});

// Readable objects between streams of noise, as in a file whose parts are already compressed.
export const document = once(() => {
  const next = randomSource(105);
  let object = 0;
  return untilFull(() => {
    const stream = octets(500 + next() % 3000);
    const opening = Buffer.from(`${++object} 0 obj << /Length ${stream.length} >> stream\n`);
    return Buffer.concat([opening, stream, Buffer.from('\nendstream endobj\n')]);
  });
});

// `bytes` octets of `content` from `at` on, going round at its end.
export function sliceAround(content, at, bytes) {
  const from = at % content.length;
  const first = content.subarray(from, from + bytes);
  return first.length === bytes ? first : Buffer.concat([first, content.subarray(0, bytes - first.length)]);
}
