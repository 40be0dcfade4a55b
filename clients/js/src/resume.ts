// Going on as the same connection after a reload of the page (PROTOCOL.md, section 2.8). What is kept for it exists only from
// the end of one page to the begin of the next: a tab that is duplicated meanwhile has no copy, and takes nothing over.
import type { Surroundings } from './surroundings.js';
import type { User } from './types.js';

/** A page that takes longer to come back begins anew. */
const KEPT_MS = 30_000;
const CID = /^cid:[A-Za-z0-9_-]{16}$/;

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
      const saved = JSON.parse(this.around.storage().getItem(name)!);
      this.around.storage().removeItem(name);
      const ageMs = this.around.wallMs() - saved.saved_at;
      return ageMs >= 0 && ageMs < KEPT_MS && CID.test(saved.cid) ? saved.cid : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps the connection of `user()`, if there is one, when the page ends. Answers with what ends that. */
  watchPage(user: () => User | null): () => void {
    if (globalThis.document === undefined || globalThis.addEventListener === undefined) return () => {};
    const onHide = () => this.save(user());
    const onShow = ({ persisted }: PageTransitionEvent) => {
      if (persisted) this.discard(user());
    };
    globalThis.addEventListener('pagehide', onHide);
    globalThis.addEventListener('pageshow', onShow);
    return () => {
      globalThis.removeEventListener('pagehide', onHide);
      globalThis.removeEventListener('pageshow', onShow);
    };
  }

  private save(user: User | null) {
    if (user === null) return;
    const saved = JSON.stringify({ cid: user.cid, saved_at: this.around.wallMs() });
    this.tried((storage) => storage.setItem(this.name(user.user_id), saved));
  }

  /** The page was not ended after all, but came back as it was. */
  private discard(user: User | null) {
    if (user !== null) this.tried((storage) => storage.removeItem(this.name(user.user_id)));
  }

  private tried(call: (storage: ReturnType<Surroundings['storage']>) => void) {
    try {
      call(this.around.storage());
    } catch {
      // Full or forbidden: then the connection is not gone on with, as documented.
    }
  }

  private name(userId: string | undefined): string {
    return `pipit ${this.url} ${userId ?? ''}`;
  }
}
