// Parts of the SDK are files of their own, fetched when they are first needed.
import { questionFailed } from './errors.js';
import type { LoadPart } from './link.js';

export class Part<Module, Api> {
  /** Undefined as long as there was no need of it. */
  loading: Promise<Api> | undefined;
  /** Once it is there. */
  api: Api | undefined;
  /** Another one for each time that it could not be fetched. */
  private again = '';

  /** @param what it is for, as the begin of a sentence */
  constructor(
    private readonly what: string,
    private readonly load: LoadPart<Module>,
    private readonly start: (module: Module) => Api,
  ) {}

  /** The part, once it is there. Rejects with ERROR; the next time it is fetched anew. */
  get(): Promise<Api> {
    return (this.loading ??= this.load(this.again).then(
      (module) => (this.api = this.start(module)),
      (error) => {
        this.loading = undefined;
        this.again += '?';
        throw questionFailed('part_missing', `${this.what} could not be loaded: ${error}`, error);
      },
    ));
  }
}
