import { parseArgs } from 'node:util';

/** What the command line of a benchmark says; ends the process where it makes no sense, and after --help. */
export class CommandLine {
  #program;
  #values;

  /** @param defaults what each option has when it is not given; undefined for nothing */
  constructor(program, help, defaults) {
    this.#program = program;
    const options = Object.entries(defaults).map(([name, value]) => [name, { type: 'string', ...(value !== undefined && { default: value }) }]);
    try {
      this.#values = parseArgs({ options: { ...Object.fromEntries(options), help: { type: 'boolean', short: 'h' } } }).values;
    } catch (error) {
      this.fail(error.message);
    }
    if (this.#values.help) {
      console.log(help);
      process.exit(0);
    }
  }

  text(name) {
    return this.#values[name];
  }

  number(name, min, max) {
    const value = Number(this.text(name));
    if (!(value >= min && value <= max)) this.fail(`--${name} is a number from ${min} to ${max}`);
    return value;
  }

  /** Some of `known`, by comma; all of them when the option is not given. */
  names(name, known) {
    const chosen = this.text(name)?.split(',') ?? known;
    const unknown = chosen.find((one) => !known.includes(one));
    if (unknown !== undefined) this.fail(`there is no "${unknown}"; there are ${known.join(', ')}`);
    return chosen;
  }

  fail(message) {
    console.error(`${this.#program}: ${message}`);
    process.exit(2);
  }
}
