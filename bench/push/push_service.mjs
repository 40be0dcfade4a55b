import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CertificateAuthority } from '../../tests/integration/support/certificates.mjs';

// Several times what the slowest sender needs on a machine with much else to do.
const patience_ms = 300_000;

/** service.mjs, pinned to a core, with a certificate whose authority is in `ca_file`. */
export class PushService {
  #process;

  static async start({ core, dir }) {
    const service = new PushService();
    service.#process = spawn('taskset', ['-c', String(core), process.execPath, join(import.meta.dirname, 'service.mjs')], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    service.#process.send(new CertificateAuthority(dir).issue());
    const { port } = await service.#message();
    service.host = `localhost:${port}`;
    service.origin = `https://${service.host}`;
    service.ca_file = join(dir, 'ca.pem');
    return service;
  }

  /**
   * From now on counts the first `count` subscriptions anew, and keeps what comes for those whose index is in `keep`.
   * Resolves when each has had a message: to what service.mjs reports.
   */
  count(count, keep = []) {
    this.#process.send({ count, keep });
    return this.#message();
  }

  stop() {
    this.#process.disconnect();
  }

  async #message() {
    const ended = new AbortController();
    const on_exit = () => ended.abort();
    this.#process.once('exit', on_exit);
    try {
      const [message] = await once(this.#process, 'message', { signal: AbortSignal.any([ended.signal, AbortSignal.timeout(patience_ms)]) });
      return message;
    } catch {
      throw new Error('the push service has not had a message for each subscription');
    } finally {
      this.#process.off('exit', on_exit);
    }
  }
}
