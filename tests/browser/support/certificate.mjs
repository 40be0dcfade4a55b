import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// A certificate of this machine's own names, good for a day. Returns the paths of both files, and the certificate's text.
export function makeCertificate(folder) {
  const keyFile = join(folder, 'tls.key');
  const certificateFile = join(folder, 'tls.crt');
  const names = 'subjectAltName=IP:127.0.0.1,DNS:localhost';
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', '/CN=localhost']
      .concat(['-addext', names, '-keyout', keyFile, '-out', certificateFile]),
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  return { keyFile, certificateFile, certificate: readFileSync(certificateFile, 'utf8') };
}
