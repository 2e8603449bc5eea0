/** What this host grants this user: asked once, and kept for the boot as far as the answers were good. */
import {
  accessSync,
  constants,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, release, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { HostFacts } from '../model/host-facts.ts';
import { cgroupFacts } from './cgroup.ts';
import { ensureDirectory } from './directory.ts';
import { programPath, runtimePath, storePath } from './paths.ts';
import { bootId } from './process.ts';

/** Helpers are also looked for where a user's PATH need not lead. */
const SYSTEM_PATHS = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

const HELPERS = ['newuidmap', 'newgidmap', 'fuse-overlayfs', 'slirp4netns', 'pasta'] as const;

/** Files whose change makes the kept answers old. */
const SOURCES = ['/etc/subuid', '/etc/subgid', '/etc/nsswitch.conf'];

/** What is expensive to find out, and stays true while its key does. */
interface Kept {
  readonly key: string;
  readonly facts: Pick<
    HostFacts,
    'subuids' | 'subgids' | 'freeSubid' | 'idsHere' | 'helpers' | 'kernelOverlay' | 'usernsRefusal'
  >;
}

let facts: Promise<HostFacts> | undefined;

/** Find out what the host grants, once a process; a few stat(2) calls when an earlier one found it out. */
export function probeHost(): Promise<HostFacts> {
  facts ??= collectFacts();
  return facts;
}

async function collectFacts(): Promise<HostFacts> {
  const { uid, gid, userName, home } = readOwner();
  const kept = readKept();
  const found = kept ?? (await probe({ uid, gid, userName }));
  return {
    uid,
    gid,
    userName,
    home,
    hostname: hostname(),
    ...found,
    cgroup: cgroupFacts(),
    kernel: release(),
    bootId: bootId(),
  };
}

async function probe({ uid, gid, userName }: Pick<HostFacts, 'uid' | 'gid' | 'userName'>): Promise<Kept['facts']> {
  const [{ findFreeSubid, readSubids }, { probeKernelOverlay }, { isWholeHost, readIdMap }] = await Promise.all([
    import('./subids.ts'),
    import('./overlay-probe.ts'),
    import('./id-map.ts'),
  ]);
  const owner = { name: userName, uid };
  const helpers = Object.fromEntries(HELPERS.flatMap(findProgram));
  const isMappable = uid === 0 || ('newuidmap' in helpers && 'newgidmap' in helpers); // Root writes maps itself.
  const subuids = isMappable ? readSubids('uid', owner) : [];
  const subgids = isMappable ? readSubids('gid', owner) : [];
  const map = readIdMap('uid');
  const facts = {
    subuids,
    subgids,
    freeSubid: findFreeSubid(),
    ...(isWholeHost(map) ? {} : { idsHere: map.reduce((sum, { size }) => sum + size, 0) }),
    helpers,
    ...(await probeKernelOverlay({ uid, gid, subuids, subgids })),
  };
  // A bad answer is not kept, so that a remedy acts at once.
  if (facts.kernelOverlay && subuids.length > 0 && subgids.length > 0 && 'slirp4netns' in helpers) keep(facts);
  return facts;
}

/** Us, as /etc/passwd has it; a uid without an entry has its number for a name. */
function readOwner(): Pick<HostFacts, 'uid' | 'gid' | 'userName' | 'home'> {
  try {
    const { uid, gid, username: userName, homedir: home } = userInfo();
    return { uid, gid, userName, home };
  } catch {
    const uid = process.getuid?.() ?? 0;
    return { uid, gid: process.getgid?.() ?? 0, userName: String(uid), home: process.env['HOME'] ?? '/' };
  }
}

function keptPath(): string {
  return runtimePath('facts.json');
}

function readKept(): Kept['facts'] | undefined {
  try {
    const { key, facts } = JSON.parse(readFileSync(keptPath(), 'utf8')) as Kept;
    return key === keyOf(facts.helpers) ? facts : undefined;
  } catch {
    return undefined; // Absent, or half written by a full disk: asked again.
  }
}

function keep(facts: Kept['facts']): void {
  const path = keptPath();
  const staged = `${path}.${process.pid}.tmp`;
  try {
    ensureDirectory(dirname(path));
    writeFileSync(staged, JSON.stringify({ key: keyOf(facts.helpers), facts } satisfies Kept), { mode: 0o600 });
    renameSync(staged, path);
  } catch {
    rmSync(staged, { force: true }); // Only time is lost.
  }
}

/** Changes with everything the answers depend on: boot, kernel, user namespace, store, and files by time of change. */
function keyOf(helpers: HostFacts['helpers']): string {
  const files = [...SOURCES, ...HELPERS.flatMap((name) => helpers[name] ?? [])];
  const namespace = readlinkSync('/proc/self/ns/user');
  // AppArmor may give one installed program capabilities, and another none.
  const program = programPath('tspod-monitor');
  return [
    bootId(),
    release(),
    namespace,
    program,
    storePath(),
    ...files.map((file) => `${file} ${changeTime(file)}`),
  ].join('\n');
}

/** milliseconds; 0 for a file that is not there */
function changeTime(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0;
}

function findProgram(name: string): [string, string][] {
  const directories = [
    ...(process.env['PATH'] ?? '').split(':').filter((directory) => directory.startsWith('/')),
    ...SYSTEM_PATHS,
  ];
  const path = directories.map((directory) => join(directory, name)).find(isExecutable);
  return path === undefined ? [] : [[name, path]];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
