// Octet sequences around every rule of UTF-8 (RFC 3629), built from numbers instead of written down, in the classes
// that the cases 6.5 to 6.23 are numbered by.

const lengths = [1, 2, 3, 4, 5, 6];
const leadMark = { 1: 0x00, 2: 0xc0, 3: 0xe0, 4: 0xf0, 5: 0xf8, 6: 0xfc };
// The largest number that `length` octets can carry in the scheme: 7 bits for one octet, otherwise 6 for each
// continuation and 7 - length in the lead.
const schemeMax = (length) => (length === 1 ? 0x7f : 2 ** (6 * (length - 1) + 7 - length) - 1);

// `number` in UTF-8's scheme with exactly `length` octets, whether or not UTF-8 allows it: too many octets make it
// overlong, and five or six never were allowed.
function scheme(number, length) {
  const octets = [];
  let rest = number;
  for (let i = 1; i < length; ++i) {
    octets.unshift(0x80 | (rest % 64));
    rest = Math.floor(rest / 64);
  }
  return Buffer.from([leadMark[length] | rest, ...octets]);
}

const character = (codePoint) => Buffer.from(String.fromCodePoint(codePoint));
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const allValid = (octets) => octets.map((each) => ({ octets: each, isValid: true }));
const allInvalid = (octets) => octets.map((each) => ({ octets: each, isValid: false }));
const inWord = (codePoint) => Buffer.concat([Buffer.from('left'), character(codePoint), Buffer.from('right')]);

// Letters of two and of three octets.
const word = Buffer.from('ψηφὶς');
const isCharacterStart = (octet) => octet === undefined || (octet & 0xc0) !== 0x80;

// The smallest number that needs `length` octets.
const firstOf = (length) => (length === 1 ? 0 : schemeMax(length - 1) + 1);

const lonelyStarts = [[0xc0, 0xdf], [0xe0, 0xef], [0xf0, 0xf7], [0xf8, 0xfb], [0xfc, 0xfd]];
const withoutLastOctet = [
  ...lengths.slice(1).map((length) => scheme(0, length).subarray(0, -1)),
  ...lengths.slice(1).map((length) => scheme(schemeMax(length), length).subarray(0, -1)),
];

const highSurrogates = [0xd800, 0xdb7f, 0xdb80, 0xdbff];
const lowSurrogates = [0xdc00, 0xdfff];
const singleSurrogates = [...highSurrogates, 0xdc00, 0xdf80, 0xdfff];
const surrogate = (number) => scheme(number, 3);

// U+FFFE and U+FFFF of the first plane and of the sixteen after it: no characters, yet valid UTF-8.
const nonCharacters = range(0, 16).flatMap((plane) => [plane * 0x10000 + 0xfffe, plane * 0x10000 + 0xffff]);

export const sequenceClasses = [
  { title: 'valid characters', sequences: allValid([...[0x24, 0xa2, 0x20ac, 0x24b62].map(inWord), word]) },
  {
    title: 'every prefix of a valid text',
    sequences: range(1, word.length)
      .map((length) => ({ octets: word.subarray(0, length), isValid: isCharacterStart(word[length]) })),
  },
  {
    title: 'first number of a length',
    sequences: allValid([1, 2, 3, 4].map((length) => scheme(firstOf(length), length))),
  },
  {
    title: 'first number of five and six octets',
    sequences: allInvalid([5, 6].map((length) => scheme(firstOf(length), length))),
  },
  { title: 'last number of a length', sequences: allValid([0x7f, 0x7ff, 0xffff, 0x10ffff].map(character)) },
  {
    title: 'last number of the scheme',
    sequences: allInvalid([4, 5, 6].map((length) => scheme(schemeMax(length), length))),
  },
  {
    title: 'boundaries',
    sequences: [
      ...allValid([0xd7ff, 0xe000, 0xfffd, 0x10ffff].map(character)),
      ...allInvalid([scheme(0x110000, 4)]),
    ],
  },
  {
    title: 'continuation without a start',
    sequences: allInvalid([
      Buffer.from([0x80]),
      Buffer.from([0xbf]),
      ...range(2, 6).map((length) => Buffer.from(range(1, length).map((place) => (place % 2 ? 0x80 : 0xbf)))),
      Buffer.from(range(0x80, 0xbf)),
    ]),
  },
  {
    title: 'starts without a continuation',
    sequences: allInvalid(lonelyStarts
      .map(([from, to]) => Buffer.from(range(from, to).flatMap((octet) => [octet, 0x20])))),
  },
  { title: 'last continuation missing', sequences: allInvalid(withoutLastOctet) },
  { title: 'incomplete sequences in a row', sequences: allInvalid([Buffer.concat(withoutLastOctet)]) },
  { title: 'impossible octets', sequences: allInvalid(['fe', 'ff', 'fefeffff'].map((hex) => Buffer.from(hex, 'hex'))) },
  { title: 'overlong slash', sequences: allInvalid(lengths.slice(1).map((length) => scheme(0x2f, length))) },
  { title: 'longest overlong', sequences: allInvalid(lengths.slice(1).map((length) => scheme(schemeMax(length - 1), length))) },
  { title: 'overlong NUL', sequences: allInvalid(lengths.slice(1).map((length) => scheme(0, length))) },
  { title: 'single surrogate', sequences: allInvalid(singleSurrogates.map(surrogate)) },
  {
    title: 'surrogate pair',
    sequences: allInvalid(highSurrogates
      .flatMap((high) => lowSurrogates.map((low) => Buffer.concat([surrogate(high), surrogate(low)])))),
  },
  { title: 'no characters, but valid', sequences: allValid(nonCharacters.map(character)) },
  { title: 'specials', sequences: allValid(range(0xfff9, 0xffff).map(character)) },
];
