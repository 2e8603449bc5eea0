import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const MODULE = join(import.meta.dirname, '../../../src/store/state-file.ts');

/** In a mount namespace of its own, with a disk of two pages at `folder`. */
function onTinyDisk(folder: string, script: string): string {
  const shell = 'mount -t tmpfs -o size=8k none "$1" && exec "$2" --input-type=module --eval "$3" "$1"';
  const args = ['--user', '--map-root-user', '--mount', 'sh', '-c', shell, 'sh', folder, process.execPath, script];
  return execFileSync('unshare', args, { encoding: 'utf8' }).trim();
}

function missingUnshare(): string | undefined {
  try {
    execFileSync('unshare', ['--user', '--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], {
      stdio: 'ignore',
    });
    return undefined;
  } catch {
    return 'user namespaces';
  }
}

test('a state that does not fit on the disk leaves the old one, and nothing else', { skip: missingUnshare() }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-state-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const script = `
    import { readdirSync, readFileSync } from 'node:fs';
    import { writeState } from '${MODULE}';
    const path = process.argv[1] + '/state.json';
    writeState(path, 'old');
    try { writeState(path, 'x'.repeat(6000)); } catch ({ code }) { console.log(code); }
    console.log(readFileSync(path, 'utf8').trim(), readdirSync(process.argv[1]).join());`;
  assert.equal(onTinyDisk(folder, script), 'ENOSPC\n"old" state.json');
});
