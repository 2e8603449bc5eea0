/** kill -9 of `pull` wherever it is: the store works, and what is left is collected. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { busyboxImage, type TestImage } from '../support/images.ts';
import { missing } from '../support/missing.ts';
import { startRegistry } from '../support/registry.ts';
import type { TarEntry } from '../support/tar.ts';
import { tspodWithEmptyStore, type Tspod } from '../support/tspod.ts';

const skip = missing('registry', 'subuid', 'busybox');

/** TSPOD_TEST_MOMENTS=200 for a thorough run; emulated, each takes ten times as long. */
const MOMENTS = Number(process.env['TSPOD_TEST_MOMENTS'] ?? (process.env['TESTBED'] === '1' ? 5 : 15));

/** busybox, and layers that take a while to arrive and to unpack. */
function image(): TestImage {
  const layer = (n: number): TarEntry[] =>
    Array.from({ length: 300 }, (_, at) => ({
      path: `data/${String(n)}/${String(at)}`,
      content: randomBytes(3000),
      uid: at,
    }));
  return { ...busyboxImage(), layers: [...busyboxImage().layers, layer(1), layer(2), layer(3)] };
}

function content(tspod: Tspod): string[] {
  return ['blobs/sha256', 'layers', 'staging']
    .flatMap((name) => readdirSync(join(tspod.store, name)).map((file) => `${name}/${file}`))
    .sort();
}

/** What a pull has staged, without what it holds by name. */
function staged(tspod: Tspod): string[] {
  return content(tspod).filter((file) => /^staging\/|^layers\/[.]/.test(file));
}

test('kill -9 of pull at random moments leaves nothing that is not collected', { skip }, async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.stop());
  const name = await registry.push(image(), 'app:1');
  const tspod = await tspodWithEmptyStore(t);
  await tspod.ok('images');
  const empty = content(tspod);
  const began = performance.now();
  await tspod.ok('pull', '--quiet', name);
  const wholeMs = performance.now() - began;
  await tspod.ok('rmi', name);

  for (let moment = 1; moment <= MOMENTS; moment += 1) {
    const delayMs = Math.random() * wholeMs * 1.1;
    await tspod.killAfter(delayMs, 'pull', '--quiet', name);
    const what = `killed after ${delayMs.toFixed(0)} of ${wholeMs.toFixed(0)} ms`;
    const listed = await tspod('images', '--quiet');
    assert.equal(listed.stderr, '', what);
    if (moment % 3 === 0) await assertWhole(tspod, name, what);
    await tspod.ok('rmi', '--ignore', name); // It collects, whether there is an image or not.
    assert.deepEqual(content(tspod), empty, what);
  }
});

/** The next pull succeeds, what it brings runs, and nothing of the killed one is in its way. */
async function assertWhole(tspod: Tspod, name: string, what: string): Promise<void> {
  const pulled = await tspod('pull', '--quiet', name);
  assert.equal(pulled.exitCode, 0, `${what}: ${pulled.stderr}`);
  assert.deepEqual(staged(tspod), [], what);
  const command = ['sh', '-c', 'cat /data/*/* | wc -c; stat -c %u /data/3/299'];
  assert.equal(await tspod.ok('run', '--rm', '--network', 'none', name, ...command), '2700000\n299', what);
}
