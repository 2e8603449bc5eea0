/**
 * The packages that tspod needs on the host, which of them are missing, and the command that installs them.
 *
 * Plain JavaScript for any Node from 18 on: this runs before anything is installed.
 *
 * @typedef {'debian' | 'fedora'} Family
 * @typedef {object} Need
 * @property {string} what in the user's words
 * @property {() => boolean} isThere
 * @property {Record<Family, string>} packages
 * @property {'build' | 'run' | 'test'} stage nothing works without `build`; without the others something is lost
 * @property {string} [without] what is lost
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** @type {readonly Need[]} */
const NEEDS = [
  { what: 'a C compiler', stage: 'build', isThere: () => onPath('cc'), packages: { debian: 'gcc', fedora: 'gcc' } },
  {
    what: 'the static C library',
    stage: 'build',
    isThere: linksStatically,
    packages: { debian: 'libc6-dev', fedora: 'glibc-static' },
  },
  {
    what: 'newuidmap and newgidmap',
    stage: 'run',
    isThere: () => onPath('newuidmap') && onPath('newgidmap'),
    packages: { debian: 'uidmap', fedora: 'shadow-utils' },
    without: 'a container has a single user id, and most images expect more',
  },
  {
    what: 'slirp4netns',
    stage: 'run',
    isThere: () => onPath('slirp4netns'),
    packages: { debian: 'slirp4netns', fedora: 'slirp4netns' },
    without: 'a container has no network',
  },
  {
    what: 'fuse-overlayfs',
    stage: 'run',
    isThere: () => onPath('fuse-overlayfs'),
    packages: { debian: 'fuse-overlayfs', fedora: 'fuse-overlayfs' },
    without: 'the store needs a file system that the kernel can overlay',
  },
  {
    what: 'libseccomp',
    stage: 'run',
    isThere: () => hasLibrary('libseccomp.so.2'),
    packages: { debian: 'libseccomp2', fedora: 'libseccomp' },
    without: 'a container has no system call filter, which it must be told',
  },
  {
    what: 'a registry to pull from',
    stage: 'test',
    isThere: () => onPath('docker-registry') || onPath('registry'),
    packages: { debian: 'docker-registry', fedora: 'docker-distribution' },
    without: 'the tests that pull are skipped',
  },
  {
    what: 'skopeo',
    stage: 'test',
    isThere: () => onPath('skopeo'),
    packages: { debian: 'skopeo', fedora: 'skopeo' },
    without: 'the tests that pull are skipped',
  },
  {
    what: 'a static busybox',
    stage: 'test',
    isThere: () => onPath('busybox'),
    packages: { debian: 'busybox-static', fedora: 'busybox' },
    without: 'the tests that need an image are skipped',
  },
];

const INSTALL = {
  debian: (/** @type {string} */ packages) =>
    `apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages}`,
  // Fedora may lack the registry's package; the rest is installed all the same. dnf 4 knows the first of the two
  // settings and passes over the second, dnf 5 (from Fedora 41 on) the other way round; only that has an option for it.
  fedora: (/** @type {string} */ packages) =>
    `dnf install -y --setopt=strict=0 --setopt=skip_unavailable=1 ${packages}`,
};

/**
 * What is missing of the packages, for the stages asked for.
 *
 * @param {readonly Need['stage'][]} stages
 * @returns {Need[]}
 */
export function missingNeeds(stages) {
  return NEEDS.filter(({ stage, isThere }) => stages.includes(stage) && !isThere());
}

/**
 * The command that installs these, or undefined on a distribution we do not know.
 *
 * @param {readonly Need[]} needs
 * @param {string} osRelease text of /etc/os-release
 */
export function installCommand(needs, osRelease) {
  const family = familyOf(osRelease);
  if (!family) return undefined;
  const command = INSTALL[family](needs.map(({ packages }) => packages[family]).join(' '));
  // Debian starts the registry as a service for everybody to reach; the tests start their own.
  const starts = family === 'debian' && needs.some(({ packages }) => packages.debian === 'docker-registry');
  return starts && existsSync('/run/systemd/system')
    ? `${command} && systemctl disable --now docker-registry`
    : command;
}

/**
 * @param {string} osRelease text of /etc/os-release
 * @returns {Family | undefined}
 */
export function familyOf(osRelease) {
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, value]) => value?.split(' ') ?? []);
  if (ids.some((id) => id === 'debian' || id === 'ubuntu')) return 'debian';
  if (ids.some((id) => id === 'fedora' || id === 'rhel' || id === 'centos')) return 'fedora';
  return undefined;
}

/**
 * Whether a program can be found; the helpers of an administrator (sbin) count, as they do for tspod.
 *
 * @param {string} program
 */
export function onPath(program) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && isExecutable(join(folder, program)));
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Only a trial shows it: Fedora has the compiler without the static library. */
function linksStatically() {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-setup-'));
  try {
    const source = join(folder, 'try.c');
    writeFileSync(source, '#include <linux/openat2.h>\nint main(void) { return 0; }\n');
    execFileSync('cc', ['-static', '-o', join(folder, 'try'), source], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} name */
function hasLibrary(name) {
  const folders = ['/lib', '/usr/lib', '/lib64', '/usr/lib64'];
  const multiarch = folders.flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((entry) => entry.endsWith('-linux-gnu'))
          .map((entry) => join(folder, entry))
      : [],
  );
  return [...folders, ...multiarch].some((folder) => existsSync(join(folder, name)));
}
