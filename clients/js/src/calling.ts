// Calls are a part of their own, which is fetched when the first one is made or comes.
import type { CallEvent, CallLink, CallModule, CallPart } from './calls/link.js';
import { questionFailed } from './errors.js';

export class Calling {
  /** Undefined as long as there was no need of it. */
  loading: Promise<CallPart> | undefined;
  private part: CallPart | undefined;
  /** What came while the part is fetched, in order. */
  private early: CallEvent[] = [];

  constructor(
    private readonly load: () => Promise<CallModule>,
    private readonly link: CallLink,
  ) {}

  /** The part, once it is there. Rejects with ERROR; the next time it is fetched anew. */
  get(): Promise<CallPart> {
    return (this.loading ??= this.load().then(
      ({ startCalls }) => {
        const part = (this.part = startCalls(this.link));
        for (const event of this.early.splice(0)) part.onEvent(event);
        return part;
      },
      (error) => {
        this.early = [];
        this.loading = undefined;
        throw questionFailed('part_missing', `Calls could not be loaded: ${error}`, error);
      },
    ));
  }

  onEvent(event: CallEvent) {
    if (event.kind === 'ring') this.get().catch((error) => this.link.log('warn', error.message));
    if (this.part) this.part.onEvent(event);
    else if (this.loading) this.early.push(event);
  }
}
