/** `missing('cgroup:memory', 'subuid')`: why a test cannot run on this host, or false when it can. */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  statfsSync,
} from 'node:fs';
import { networkInterfaces, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { onPath } from '../../packaging/host-needs.mjs';
import { busyboxPath } from './busybox.ts';

const { uid, username } = userInfo();

type Host =
  'busybox' | 'fuse' | 'ipv6' | 'journal' | 'overlay' | 'registry' | 'small-disk' | 'subuid' | 'systemd' | 'tun';
type Feature = Host | `cgroup:${string}` | `program:${string}`;

/** Each gives the reason why the feature is missing. */
const PROBES: Readonly<Record<Host, () => string | undefined>> = {
  busybox: () => (busyboxPath() ? undefined : 'no static busybox'),
  fuse: () => openable('/dev/fuse') ?? installed('fuse-overlayfs'),
  ipv6: () => (hasAddress('::1') ? undefined : 'no ::1'),
  journal: probeJournal,
  overlay: probeOverlay,
  registry: () => installed('docker-registry', 'registry') ?? installed('skopeo') ?? probe('busybox'),
  'small-disk': () => (smallDisk() === undefined ? 'no file system that a test may fill' : undefined),
  subuid: () => probeSubids() ?? installed('newuidmap'),
  systemd: probeSystemd,
  tun: () => openable('/dev/net/tun') ?? installed('slirp4netns'),
};

/** The reason names the feature first: test/skips.json says which may be missing where. */
export function missing(...features: readonly Feature[]): string | false {
  for (const feature of features) {
    const reason = probe(feature);
    if (reason !== undefined) return `needs "${feature}": ${reason}`;
  }
  return false;
}

/** A file system that a test may fill up: one that root has mounted for it, or the user's own runtime directory. */
export function smallDisk(): string | undefined {
  const candidates = [process.env['TSPOD_TEST_SMALL_DISK'], `/run/user/${String(uid)}`];
  return candidates.find((path) => {
    if (path === undefined || !existsSync(path)) return false;
    const { blocks, bsize } = statfsSync(path);
    return blocks * bsize < 1024 ** 3 && statSync(path).dev !== statSync(dirname(path)).dev;
  });
}

const found = new Map<Feature, string | undefined>();

function probe(feature: Feature): string | undefined {
  if (!found.has(feature)) found.set(feature, probeNow(feature));
  return found.get(feature);
}

function probeNow(feature: Feature): string | undefined {
  const [kind, name = ''] = feature.split(':');
  if (kind === 'cgroup') return probeController(name);
  if (kind === 'program') return installed(name);
  return PROBES[feature as Host]();
}

function hasAddress(address: string): boolean {
  return Object.values(networkInterfaces()).some((nets) => nets?.some((net) => net.address === address));
}

function installed(...names: readonly string[]): string | undefined {
  return names.some(onPath) ? undefined : `${names.join(' or ')} is not installed`;
}

function openable(path: string): string | undefined {
  try {
    closeSync(openSync(path, constants.O_RDWR));
    return undefined;
  } catch (error) {
    return `${path} cannot be opened (${error instanceof Error && 'code' in error ? String(error.code) : 'error'})`;
  }
}

function probeSubids(): string | undefined {
  const isOurs = (line: string) => line.startsWith(`${username}:`) || line.startsWith(`${String(uid)}:`);
  const missingIn = ['/etc/subuid', '/etc/subgid'].find(
    (path) => !existsSync(path) || !readFileSync(path, 'utf8').split('\n').some(isOurs),
  );
  return missingIn ? `"${username}" is not in ${missingIn}` : undefined;
}

/** Only a mount shows it: the kernel, the file system below and a security module all have a say. */
function probeOverlay(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-overlay-'));
  try {
    for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(folder, name));
    const options = 'userxattr,lowerdir=lower,upperdir=upper,workdir=work';
    const script = `cd "$0" && mount -t overlay overlay -o ${options} merged && rmdir work/work`;
    const { status } = spawnSync('unshare', ['-Urm', 'sh', '-c', script, folder], { stdio: 'ignore' });
    return status === 0 ? undefined : 'the kernel refuses an overlay in a user namespace here';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function probeSystemd(): string | undefined {
  if (!existsSync('/run/systemd/system')) return 'systemd is not the init of this host';
  const { status } = spawnSync('systemctl', ['--user', 'show-environment'], { stdio: 'ignore' });
  return status === 0 ? undefined : 'no systemd user manager answers';
}

/** A user may read what he has written there himself, unless the journal is kept in memory alone. */
function probeJournal(): string | undefined {
  if (!existsSync('/run/systemd/journal/socket')) return 'no systemd-journald listens';
  const { status } = spawnSync('journalctl', ['--quiet', '--lines', '1'], { stdio: 'ignore' });
  return status === 0 ? undefined : 'journalctl cannot read a journal';
}

function probeController(controller: string): string | undefined {
  const systemd = probe('systemd');
  if (systemd !== undefined) return systemd;
  const manager = `/sys/fs/cgroup/user.slice/user-${String(uid)}.slice/user@${String(uid)}.service/cgroup.controllers`;
  const controllers = existsSync(manager) ? readFileSync(manager, 'utf8').split(/\s+/) : [];
  return controllers.includes(controller) ? undefined : `the "${controller}" controller is not delegated`;
}
