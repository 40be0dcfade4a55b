// Calls are a part of their own, which is fetched when the first one is made or comes.
import type { CallEvent, CallLink, CallPart } from './calls/link.js';
import type { LoadPart, PartModule } from './link.js';
import { Part } from './part.js';

export class Calling {
  private readonly part: Part<PartModule<CallLink, CallPart>, CallPart>;
  /** What came while the part is fetched, in order. */
  private early: CallEvent[] = [];

  constructor(
    load: LoadPart<PartModule<CallLink, CallPart>>,
    private readonly link: CallLink,
  ) {
    this.part = new Part('Calls', load, ({ start }) => {
      const calls = start(link);
      for (const event of this.early) calls.onEvent(event);
      return calls;
    });
  }

  /** Undefined as long as there was no need of it. */
  get loading(): Promise<CallPart> | undefined {
    return this.part.loading;
  }

  /** See Part. */
  get(): Promise<CallPart> {
    if (!this.loading) this.early = [];
    return this.part.get();
  }

  onEvent(event: CallEvent) {
    if (event.kind === 'ring') this.get().catch((error) => this.link.log('error', error.message));
    if (this.part.api) this.part.api.onEvent(event);
    else if (this.loading) this.early.push(event);
  }
}
