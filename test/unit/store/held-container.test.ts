import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { choosePaths } from '../../../src/host/paths.ts';
import { ownIdentity } from '../../../src/host/process.ts';
import type { ContainerId } from '../../../src/model/container-config.ts';
import { waitForMonitor } from '../../../src/store/held-container.ts';

test('a monitor that does not end after its container is named, and not waited for without end', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'tspod-held-'));
  t.after(() => rmSync(root, { recursive: true }));
  choosePaths({ root });
  const id = 'a'.repeat(64) as ContainerId;
  mkdirSync(join(root, 'containers', id), { recursive: true });
  const write = (file: string, state: unknown) =>
    writeFileSync(join(root, 'containers', id, file), JSON.stringify(state));
  write('config.json', { version: 1, id, name: 'web' });
  write('exit.json', { exitCode: 0 });
  write('monitor.lock', ownIdentity());
  await assert.rejects(waitForMonitor(id, { waitMs: 20 }), {
    name: 'BusyError',
    message: `the container "web" has ended, but its monitor, the process ${String(process.pid)}, has not`,
    remedy: `See what that waits for: ps -o pid,stat,wchan:32,args -p ${String(process.pid)}`,
  });
});
