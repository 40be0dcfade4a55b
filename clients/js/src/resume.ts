// Going on as the same connection after a reload of the page (PROTOCOL.md, section 2.8). What is kept for it exists only from
// the end of one page to the begin of the next: a tab that is duplicated meanwhile has no copy, and takes nothing over.
import { CID } from './core/checks.js';
import { listen } from './listen.js';
import type { Surroundings } from './surroundings.js';
import type { User } from './types.js';

/** A page that takes longer to come back begins anew. */
const KEPT_MS = 30_000;

/** The user id in a token, which only decides where to look; the server decides who it is. */
function userOf(token: string): string | undefined {
  try {
    const payload = atob(token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/'));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(payload, (byte) => byte.charCodeAt(0)))).sub;
  } catch {
    return undefined;
  }
}

/** In Node, and in a browser that has or gives no storage, nothing is kept and nothing is found. */
export class SavedSession {
  constructor(
    private readonly url: string,
    private readonly around: Pick<Surroundings, 'storage' | 'wallMs'>,
  ) {}

  /** The cid to go on as, once: it is not there any more afterwards. */
  take(token: string): string | undefined {
    if (globalThis.document === undefined) return undefined;
    try {
      const name = this.name(userOf(token));
      const storage = this.around.storage();
      const saved = JSON.parse(storage.getItem(name)!);
      storage.removeItem(name);
      const ageMs = this.around.wallMs() - saved.saved_at;
      return ageMs >= 0 && ageMs < KEPT_MS && CID.test(saved.cid) ? saved.cid : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps the connection of `user()`, if there is one, when the page ends. Answers with what ends that. */
  watchPage(user: () => User | null): () => void {
    if (globalThis.document === undefined) return () => {};
    const ends = [
      listen(globalThis, 'pagehide', () => this.save(user())),
      // A page that is shown as it was before has not ended after all.
      listen(globalThis, 'pageshow', (event) => (event as PageTransitionEvent).persisted && this.save(user(), false)),
    ];
    return () => ends.forEach((end) => end());
  }

  private save(user: User | null, kept = true) {
    if (user === null) return;
    const name = this.name(user.user_id);
    try {
      const storage = this.around.storage();
      if (kept) storage.setItem(name, JSON.stringify({ cid: user.cid, saved_at: this.around.wallMs() }));
      else storage.removeItem(name);
    } catch {
      // Full or forbidden: then the connection is not gone on with.
    }
  }

  private name(userId: string | undefined): string {
    return `pipit ${this.url} ${userId ?? ''}`;
  }
}
