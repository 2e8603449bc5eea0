/** An authority of the test's own and a certificate of it for localhost, made with openssl(1). */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface TestCertificates {
  readonly folder: string;
  /** PEM files */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** The caller removes the folder. */
export async function makeCertificates(): Promise<TestCertificates> {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-certificates-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => execute('openssl', args);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-subj',
    '/CN=tspod test authority',
    '-days',
    '2',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.crt'),
  );
  await openssl('req', ...newKey, '-subj', '/CN=localhost', '-keyout', file('server.key'), '-out', file('server.csr'));
  writeFileSync(file('extensions'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signing = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
  await openssl(
    'x509',
    '-req',
    '-in',
    file('server.csr'),
    ...signing,
    '-extfile',
    file('extensions'),
    '-out',
    file('server.crt'),
  );
  return { folder, authority: file('ca.crt'), certificate: file('server.crt'), key: file('server.key') };
}
