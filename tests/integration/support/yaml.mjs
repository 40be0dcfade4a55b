// Reads the part of YAML that protocol/openapi.yaml is written in, so that testing it needs no package: maps and lists
// in blocks, `|` texts, and scalars, quoted texts and JSON on one line. Whatever else it meets is an error.

export function parseYaml(text) {
  return new Reader(text.split('\n')).document();
}

const indentOf = (line) => line.length - line.trimStart().length;

class Reader {
  #lines;
  #at = 0;

  constructor(lines) {
    this.#lines = lines;
  }

  document() {
    const value = this.#block(0);
    if (this.#peek() !== undefined) this.#fail('is indented less than the document');
    return value;
  }

  // The next line that is not empty, which stays.
  #peek() {
    while (this.#at < this.#lines.length && this.#lines[this.#at].trim() === '') this.#at += 1;
    return this.#lines[this.#at];
  }

  #block(indent) {
    return this.#peek().slice(indent).startsWith('- ') ? this.#list(indent) : this.#map(indent);
  }

  #list(indent) {
    const list = [];
    while (this.#isAt(indent) && this.#lines[this.#at].slice(indent).startsWith('- ')) {
      // The dash counts as indentation: what follows it is a map of its own.
      this.#lines[this.#at] = `${' '.repeat(indent + 2)}${this.#lines[this.#at].slice(indent + 2)}`;
      list.push(this.#map(indent + 2));
    }
    return list;
  }

  #map(indent) {
    const map = {};
    while (this.#isAt(indent)) {
      const match = /^(?:"([^"\\]+)"|([\w$./-]+)):(?: (.+))?$/.exec(this.#lines[this.#at].slice(indent));
      if (!match) this.#fail('is no "key: value"');
      const key = match[1] ?? match[2];
      if (Object.hasOwn(map, key)) this.#fail('has a key for the second time');
      this.#at += 1;
      map[key] = this.#value(match[3], indent);
    }
    return map;
  }

  #value(text, indent) {
    if (text === '|') return this.#literal(indent);
    if (text !== undefined) return this.#scalar(text);
    const next = this.#peek();
    if (next === undefined || indentOf(next) <= indent) this.#fail('should be indented below its key');
    return this.#block(indentOf(next));
  }

  #literal(indent) {
    const margin = indentOf(this.#peek());
    const lines = [];
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at];
      if (line.trim() !== '' && indentOf(line) <= indent) break;
      lines.push(line.slice(margin));
    }
    return `${lines.join('\n').trimEnd()}\n`;
  }

  #scalar(text) {
    if (/^["[{]/.test(text)) return JSON.parse(text);
    if (text.startsWith("'") && text.endsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
    if (/^(?:true|false|null|-?\d+(?:\.\d+)?)$/.test(text)) return JSON.parse(text);
    if (/^[\p{P}\p{S}]|: | #|:$/u.test(text)) this.#fail('has a value that needs quotes', -1);
    return text;
  }

  #isAt(indent) {
    const line = this.#peek();
    if (line === undefined || indentOf(line) < indent) return false;
    if (indentOf(line) > indent) this.#fail('is indented more than its neighbours');
    return true;
  }

  #fail(what, offset = 0) {
    throw new Error(`line ${this.#at + 1 + offset} ${what}: ${this.#lines[this.#at + offset]}`);
  }
}
