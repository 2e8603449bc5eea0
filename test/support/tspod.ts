/**
 * The built CLI with a store, a runtime directory and settings of its own.
 *
 * When the test ends, everything is removed as a user would remove it, and the test fails if a process,
 * a mount, a cgroup or a file is left.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { busyboxImage, writeOciArchive, type TestImage } from './images.ts';
import { findLeftovers } from './leftovers.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/tspod');

export interface Result {
  /** Without white space at its ends. */
  readonly stdout: string;
  readonly stderr: string;
  /** As a shell counts: 128 + the number of a signal. */
  readonly exitCode: number;
}

export interface Tspod {
  (...args: readonly string[]): Promise<Result>;
  /** The same, and a failure fails the test with what tspod said. Gives the standard output. */
  readonly ok: (...args: readonly string[]) => Promise<string>;
  /** The same with standard input. */
  readonly withInput: (input: string | Uint8Array, ...args: readonly string[]) => Promise<Result>;
  /** Start it and return at once. */
  readonly start: (...args: readonly string[]) => ChildProcessWithoutNullStreams;
  /** Start it, and kill it with SIGKILL so many milliseconds later, wherever it is then: it may have ended. */
  readonly killAfter: (delayMs: number, ...args: readonly string[]) => Promise<void>;
  /** Load an image that the test makes, under this name. */
  readonly load: (image: TestImage, name: string) => Promise<void>;
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** A directory of the test's own, which is gone with it. */
  readonly folder: string;
  /** Where the store and the runtime directory of this user's tspod are. */
  readonly store: string;
  readonly runtime: string;
}

interface StoreOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A parent for the test's own directory, on a file system of its own say. */
  readonly parent?: string;
}

/** A tspod that has seen nothing yet. */
export function tspodWithEmptyStore(t: TestContext, options: StoreOptions = {}): Promise<Tspod> {
  const folder = mkdtempSync(join(options.parent ?? tmpdir(), 'tspod-'));
  const marker = `tspod-test-${randomUUID()}`;
  const env = { ...environment(folder), TSPOD_TEST: marker, ...options.env };
  const started: ChildProcessWithoutNullStreams[] = [];
  const start = (...args: readonly string[]) => {
    const child = spawn(PROGRAM, args, { env, cwd: folder });
    started.push(child);
    return child;
  };
  const withInput = (input: string | Uint8Array, ...args: readonly string[]) => finish(start(...args), input);
  const tspod = (...args: readonly string[]) => withInput('', ...args);
  const ok = async (...args: readonly string[]) => {
    const { stdout, stderr, exitCode } = await tspod(...args);
    assert.equal(exitCode, 0, `tspod ${args.join(' ')}: exit ${String(exitCode)}\n${stderr}`);
    return stdout;
  };
  const killAfter = async (delayMs: number, ...args: readonly string[]) => {
    const child = start(...args);
    const end = finish(child, '');
    await Promise.race([end, sleep(delayMs)]);
    child.kill('SIGKILL');
    await end;
  };
  const load = async (image: TestImage, name: string) => {
    const archive = join(folder, `${randomUUID()}.tar`);
    writeOciArchive(archive, image, name);
    await ok('load', '--quiet', '--input', archive);
    await rm(archive);
  };
  const store = join(env.XDG_DATA_HOME, 'tspod');
  const runtime = join(env.XDG_RUNTIME_DIR, 'tspod');

  t.after(async () => {
    const removed = await tspod('rm', '--all', '--force', '--time', '0');
    const left = await findLeftovers({ marker, folder, store, runtime });
    for (const child of started) abandon(child);
    await removeTree(tspod, folder);
    assert.deepEqual(left, [], 'left behind after the test');
    assert.equal(removed.exitCode, 0, removed.stderr);
  });
  return Promise.resolve(
    Object.assign(tspod, { ok, withInput, start, killAfter, load, program: PROGRAM, env, folder, store, runtime }),
  );
}

/** The same with the image `localhost/busybox` in its store. */
export async function tspodWithBusybox(t: TestContext, options: StoreOptions = {}): Promise<Tspod> {
  const tspod = await tspodWithEmptyStore(t, options);
  await tspod.load(busyboxImage(), 'localhost/busybox:latest');
  return tspod;
}

/** Wait until something is so. The test bed may be emulated: wait for what happens, never for a time. */
export async function eventually<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  what: string,
): Promise<T> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    assert.ok(Date.now() < deadline, `waited in vain: ${what}`);
    await sleep(50);
  }
}

/** What a test that has failed did not end would keep its file from an end: its own input is the end of a session. */
function abandon(child: ChildProcessWithoutNullStreams): void {
  child.kill('SIGKILL');
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
}

/** Wait for a command that was started. */
export async function finish(child: ChildProcessWithoutNullStreams, input: string | Uint8Array = ''): Promise<Result> {
  child.stdin.on('error', () => undefined); // EPIPE: tspod need not read it.
  child.stdin.end(input);
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
  });
  const [stdout, stderr, exitCode] = await Promise.all([child.stdout.toArray(), child.stderr.toArray(), exit]);
  return {
    stdout: Buffer.concat(stdout as Buffer[])
      .toString()
      .trim(),
    stderr: Buffer.concat(stderr as Buffer[])
      .toString()
      .trim(),
    exitCode,
  };
}

function environment(folder: string) {
  const inFolder = (name: string) => {
    mkdirSync(join(folder, name), { mode: 0o700 });
    return join(folder, name);
  };
  const uid = String(process.getuid?.());
  const bus = process.env['DBUS_SESSION_BUS_ADDRESS'] ?? `unix:path=/run/user/${uid}/bus`;
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    HOME: inFolder('home'),
    XDG_DATA_HOME: inFolder('data'),
    XDG_RUNTIME_DIR: inFolder('run'),
    XDG_CONFIG_HOME: inFolder('config'),
    XDG_CACHE_HOME: inFolder('cache'),
    ...(existsSync(bus.replace('unix:path=', '')) ? { DBUS_SESSION_BUS_ADDRESS: bus } : {}),
  };
}

/** Files of a container's users belong to subordinate ids: only the user namespace may remove them. */
async function removeTree(tspod: (...args: readonly string[]) => Promise<Result>, folder: string): Promise<void> {
  await tspod('unshare', 'rm', '-rf', join(folder, 'data'), join(folder, 'run'));
  await rm(folder, { recursive: true, force: true });
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal ? constants.signals[signal] : 0;
}
