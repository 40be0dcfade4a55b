// A certificate authority of the test's own, made by openssl.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

// `certificate` is what clients trust (PEM).
export class CertificateAuthority {
  #folder;
  #serial = 0;

  constructor(folder) {
    this.#folder = folder;
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      this.#path('ca.key'),
      '-out',
      this.#path('ca.pem'),
      '-subj',
      '/CN=Test CA',
      '-days',
      '2',
    );
    this.certificate = readFileSync(this.#path('ca.pem'), 'utf8');
  }

  // A new certificate for localhost: { certificate, key, serial }, the first two as PEM.
  issue() {
    this.#serial += 1;
    const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
    openssl(
      'req',
      ...newKey,
      '-keyout',
      this.#path('new.key'),
      '-out',
      this.#path('new.csr'),
      '-subj',
      '/CN=localhost',
      '-addext',
      names,
    );
    openssl(
      'x509',
      '-req',
      '-in',
      this.#path('new.csr'),
      '-CA',
      this.#path('ca.pem'),
      '-CAkey',
      this.#path('ca.key'),
      '-set_serial',
      String(this.#serial),
      '-copy_extensions',
      'copy',
      '-days',
      '2',
      '-out',
      this.#path('new.pem'),
    );
    const read = (name) => readFileSync(this.#path(name), 'utf8');
    return { certificate: read('new.pem'), key: read('new.key'), serial: this.#serial };
  }

  #path(name) {
    return join(this.#folder, name);
  }
}
