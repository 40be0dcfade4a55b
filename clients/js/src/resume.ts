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

/** What one page leaves to the next. */
interface Kept extends User {
  saved_at: number;
}

/** In use on this page, by the clients that are connected: two of them must not find the same. */
const places = new Set<string>();

/**
 * Each client has the first place that is free when it connects, so that the clients of the next page find what those of this
 * page have left, in the order in which they connect. In Node, and in a browser that has or gives no storage, nothing is kept
 * and nothing is found.
 */
export class SavedSession {
  private place = '';
  private before: Kept | undefined;

  constructor(
    private readonly url: string,
    private readonly around: Pick<Surroundings, 'storage' | 'wallMs'>,
  ) {}

  /** The cid to go on as, until forget(). */
  find(token: string): string | undefined {
    if (!this.before) return undefined;
    const { user_id, cid, saved_at } = this.before;
    const ageMs = this.around.wallMs() - saved_at;
    return ageMs >= 0 && ageMs < KEPT_MS && user_id === userOf(token) && CID.test(cid) ? cid : undefined;
  }

  forget() {
    this.before = undefined;
  }

  /**
   * Takes what the page before has left, and keeps the connection of `user()` when this one ends; without one, what was found
   * and is not forgotten. Answers with what ends that.
   */
  watchPage(user: () => User | null): () => void {
    if (globalThis.document === undefined) return () => {};
    for (let number = 1; places.has((this.place = `pipit ${this.url} ${number}`)); number += 1);
    places.add(this.place);
    this.stored((storage) => {
      const found = storage.getItem(this.place);
      storage.removeItem(this.place);
      if (found !== null) this.before = JSON.parse(found);
    });
    const ends = [
      listen(globalThis, 'pagehide', () => this.save(user())),
      // A page that is shown as it was before has not ended after all.
      listen(globalThis, 'pageshow', (event) => {
        if ((event as PageTransitionEvent).persisted) this.stored((storage) => storage.removeItem(this.place));
      }),
      () => places.delete(this.place),
    ];
    return () => ends.forEach((end) => end());
  }

  private save(user: User | null) {
    const kept = user ? { ...user, saved_at: this.around.wallMs() } : this.before;
    if (kept) this.stored((storage) => storage.setItem(this.place, JSON.stringify(kept)));
  }

  /** A storage that is full or forbidden keeps nothing: then the connection is not gone on with. */
  private stored(use: (storage: ReturnType<Surroundings['storage']>) => void) {
    try {
      use(this.around.storage());
    } catch {}
  }
}
