/** Root does not test what is rootless: it prepares a user who has nothing special and lets that user run the tests. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { appArmorProfile, firstFreeSubid, restrictsNamespaces } from '../../packaging/host-settings.mjs';
import type { Outcomes } from './outcomes.ts';

interface TestUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Run test/run.ts as the user `TSPOD_TEST_USER`, or `tspod-test`, who is made if need be. */
export async function runTestsAsTestUser(project: string, args: readonly string[]): Promise<Outcomes> {
  const folder = mkdtempSync('/var/tmp/tspod-outcomes-');
  const outcomes = join(folder, 'outcomes.json');
  chmodSync(folder, 0o777);
  try {
    await runAsTestUser(project, ['test/run.ts', ...args], { TSPOD_TEST_OUTCOMES: outcomes });
    if (!existsSync(outcomes)) throw new Error('the tests ended without saying how they went');
    return JSON.parse(readFileSync(outcomes, 'utf8')) as Outcomes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Run a script of the project as that user, in a copy of the project if that user may not read this one. */
export async function runAsTestUser(
  project: string,
  [script = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<number> {
  const user = ensureUser(process.env['TSPOD_TEST_USER'] ?? 'tspod-test');
  openDevices();
  await ensureUserManager(user);
  console.log(`as the user "${user.name}", because root started this`);

  const folder = mkdtempSync('/var/tmp/tspod-project-');
  chmodSync(folder, 0o755);
  let profile: string | undefined;
  try {
    const readable = isReadableBy(user, project) ? project : copyProject(project, join(folder, 'project'));
    profile = readable === project ? undefined : allowNamespaces(join(readable, 'dist/tspod-monitor'));
    const node = [join(readable, 'node_modules/.bin/node'), join(readable, script), ...args];
    const [program = '', ...rest] = [...asUserInOwnMounts(user, join(folder, 'small-disk')), ...node];
    const child = spawn(program, rest, {
      cwd: readable,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...sessionEnvironment(user), ...env },
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    if (profile !== undefined) removeProfile(profile);
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What to put before a command of the user: mounts of its own in which the root mount is shared, as systemd makes
 * it, and a small file system to fill up. The host's own mounts stay as they are.
 */
function asUserInOwnMounts({ uid, gid }: TestUser, smallDisk: string): readonly string[] {
  const asUser = ['setpriv', '--reuid', String(uid), '--regid', String(gid), '--init-groups'];
  if (spawnSync('unshare', ['--mount', 'true'], { stdio: 'ignore' }).status !== 0) return asUser;
  mkdirSync(smallDisk);
  const script =
    `mount --make-rshared / && mount -t tmpfs -o size=96m,mode=0700,uid=${String(uid)},gid=${String(gid)} tspod-test "$0" && ` +
    'export TSPOD_TEST_SMALL_DISK="$0" && exec "$@"';
  return ['unshare', '--mount', 'sh', '-c', script, smallDisk, ...asUser];
}

function ensureUser(name: string): TestUser {
  if (spawnSync('id', [name], { stdio: 'ignore' }).status !== 0) {
    console.log(`making the user "${name}" for the integration tests`);
    execFileSync('useradd', ['--create-home', '--shell', '/bin/sh', name], { stdio: 'inherit' });
  }
  const entry = execFileSync('getent', ['passwd', name], { encoding: 'utf8' }).trim().split(':');
  const user = { name, uid: Number(entry[2]), gid: Number(entry[3]), home: entry[5] ?? '/' };
  const texts = ['/etc/subuid', '/etc/subgid'].map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''));
  if (!texts.every((text) => new RegExp(`^(${name}|${String(user.uid)}):`, 'm').test(text))) {
    const first = firstFreeSubid(texts);
    const range = `${String(first)}-${String(first + 65535)}`;
    execFileSync('usermod', ['--add-subuids', range, '--add-subgids', range, name], { stdio: 'inherit' });
  }
  return user;
}

/** udev gives these to everybody; where there is no udev (a container, a small virtual machine) they are root's. */
function openDevices(): void {
  for (const device of ['/dev/fuse', '/dev/net/tun']) if (existsSync(device)) chmodSync(device, 0o666);
}

/** Without a login of its own the user has no manager, and so no cgroups: lingering starts one. */
async function ensureUserManager({ name, uid }: TestUser): Promise<void> {
  if (!existsSync('/run/systemd/system')) return;
  spawnSync('loginctl', ['enable-linger', name], { stdio: 'inherit' });
  const deadline = Date.now() + 60_000;
  while (!existsSync(`/run/user/${String(uid)}/bus`) && Date.now() < deadline) await sleep(100);
}

function sessionEnvironment({ name, uid, home }: TestUser): NodeJS.ProcessEnv {
  const runtime = `/run/user/${String(uid)}`;
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin', // A login shell's: without the sbin folders that root has.
    HOME: home,
    USER: name,
    LOGNAME: name,
    LANG: 'C.UTF-8',
    ...(existsSync(runtime) ? { XDG_RUNTIME_DIR: runtime, DBUS_SESSION_BUS_ADDRESS: `unix:path=${runtime}/bus` } : {}),
    ...chosen('FORCE_COLOR', 'TSPOD_TEST_MOMENTS', 'TESTBED'),
  };
}

function isReadableBy({ uid, gid }: TestUser, project: string): boolean {
  const script = 'test -r "$0/test/run.ts" && test -x "$0/node_modules/.bin/node" && test -x "$0/dist/tspod"';
  return spawnSync('sh', ['-c', script, project], { uid, gid, cwd: '/' }).status === 0;
}

function copyProject(project: string, copy: string): string {
  cpSync(project, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => path !== join(project, '.git') });
  return copy;
}

/** Let a copied program make user namespaces, where AppArmor knows only the one that was copied: the profile's path. */
function allowNamespaces(program: string): string | undefined {
  if (!restrictsNamespaces()) return undefined;
  const { path, command } = appArmorProfile(program);
  execFileSync('sh', ['-c', command], { stdio: 'inherit' });
  return path;
}

function removeProfile(path: string): void {
  spawnSync('apparmor_parser', ['-R', path], { stdio: 'inherit' });
  rmSync(path);
}

/** What the one who runs the tests may set for them. */
function chosen(...names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
