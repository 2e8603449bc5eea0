import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { HttpClient } from '../../../src/registry/http.ts';

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-certs-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What a user of a client meets with, its end included. */
async function ask(certDir: string): Promise<void> {
  await using http = new HttpClient({ insecure: false, certDir });
  await http.fetch({ url: new URL('https://127.0.0.1:1/') });
}

test('a client certificate without its key is what the request fails with', async (t) => {
  const folder = makeFolder(t);
  writeFileSync(join(folder, 'ca.cert'), '');
  await assert.rejects(ask(folder), {
    message: `the client certificate "${folder}/ca.cert" has no key`,
    remedy: `Put it beside: ${folder}/ca.key`,
  });
});

test('a certificate that cannot be read is named', async (t) => {
  const folder = makeFolder(t);
  mkdirSync(join(folder, 'ca.crt'));
  await assert.rejects(ask(folder), {
    message: `cannot read the certificates in "${folder}/ca.crt": illegal operation on a directory`,
    remedy: `ls -ldL ${folder}/ca.crt`,
  });
});
