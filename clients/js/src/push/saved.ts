// What a page leaves to its service worker, which has no token: enough to subscribe anew and to tell the server of it.

export interface SavedPush {
  /** Where the server is told. */
  resubscribe_url: string;
  endpoint: string;
  auth: string;
  /** The key that the subscription was made with. */
  vapid: string;
  /** Whose it is, where that was known. */
  user?: string | undefined;
}

/** By the scope of the worker's registration. May reject: a browser may have no storage for us. */
export interface SavedPushes {
  find(scope: string): Promise<SavedPush | undefined>;
  save(scope: string, saved: SavedPush): Promise<void>;
  forget(scope: string): Promise<void>;
}

const STORE = 'push';

const settled = <Value>(request: IDBRequest<Value>): Promise<Value> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** In IndexedDB, which page and worker share. */
export class StoredPushes implements SavedPushes {
  find(scope: string): Promise<SavedPush | undefined> {
    return this.use((store) => store.get(scope));
  }

  async save(scope: string, saved: SavedPush): Promise<void> {
    await this.use((store) => store.put(saved, scope));
  }

  async forget(scope: string): Promise<void> {
    await this.use((store) => store.delete(scope));
  }

  private async use<Value>(call: (store: IDBObjectStore) => IDBRequest<Value>): Promise<Value> {
    const opening = indexedDB.open('pipit', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    const database = await settled(opening);
    try {
      return await settled(call(database.transaction(STORE, 'readwrite').objectStore(STORE)));
    } finally {
      database.close();
    }
  }
}
