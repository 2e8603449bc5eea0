/**
 * The settings of the host that keep this user from containers, and what an administrator does about them.
 *
 * Plain JavaScript for any Node from 18 on: this runs before anything is installed.
 *
 * @typedef {object} Remedy
 * @property {string} why one sentence
 * @property {string} command for a root shell
 */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/**
 * What the host's settings forbid this user, other than by missing packages.
 *
 * @param {readonly string[]} programs that must be able to make user namespaces
 * @returns {Remedy[]}
 */
export function missingSettings(programs) {
  const { username, uid } = userInfo();
  /** @type {Remedy[]} */
  const remedies = [];
  if (!hasSubids('/etc/subuid', username, uid) || !hasSubids('/etc/subgid', username, uid)) {
    const first = firstFreeSubid(['/etc/subuid', '/etc/subgid'].map(readText));
    const range = `${String(first)}-${String(first + 65535)}`;
    remedies.push({
      why: `"${username}" has no subordinate ids: a container would have a single user id`,
      command: `usermod --add-subuids ${range} --add-subgids ${range} ${username}`,
    });
  }
  if (readText('/proc/sys/user/max_user_namespaces').trim() === '0') {
    remedies.push({
      why: 'user namespaces are switched off (user.max_user_namespaces is 0)',
      command: `echo user.max_user_namespaces=28633 >/etc/sysctl.d/90-tspod.conf && sysctl --system`,
    });
  }
  if (readText('/proc/sys/kernel/unprivileged_userns_clone').trim() === '0' && uid !== 0) {
    remedies.push({
      why: 'user namespaces are for root only (kernel.unprivileged_userns_clone is 0)',
      command: `echo kernel.unprivileged_userns_clone=1 >/etc/sysctl.d/91-tspod.conf && sysctl --system`,
    });
  }
  const profiles = programs.map(appArmorProfile).filter(({ path }) => readText(path) === '');
  if (restrictsNamespaces() && profiles.length > 0) {
    remedies.push({
      why: 'AppArmor allows user namespaces only to programs it knows (kernel.apparmor_restrict_unprivileged_userns is 1)',
      command: profiles.map(({ command }) => command).join(' && '),
    });
  }
  return remedies;
}

/** Whether AppArmor gives capabilities in user namespaces only to programs with a profile, as on Ubuntu 24.04. */
export function restrictsNamespaces() {
  return readText('/proc/sys/kernel/apparmor_restrict_unprivileged_userns').trim() === '1';
}

/**
 * The first number from which 65,536 subordinate ids are nobody's.
 *
 * @param {readonly string[]} texts of /etc/subuid and /etc/subgid
 */
export function firstFreeSubid(texts) {
  const ends = texts
    .flatMap((text) => text.split('\n'))
    .map((line) => line.split(':').slice(1).map(Number))
    .map(([start = 0, count = 0]) => start + count);
  return Math.max(100_000, ...ends.filter(Number.isSafeInteger));
}

/**
 * The AppArmor profile that lets a program make user namespaces, and the command that brings it. Others have checkouts
 * of their own, so it is called after the program (apparmor.d(5)).
 *
 * @param {string} program
 */
export function appArmorProfile(program) {
  const name = program.slice(1).replaceAll(/[^\w.-]+/g, '.');
  const path = `/etc/apparmor.d/${name}`;
  const lines = [
    'abi <abi/4.0>,',
    'include <tunables/global>',
    `profile ${name} "${program}" flags=(unconfined) { userns, }`,
  ];
  return { path, command: `printf '%s\\n' ${lines.map(shellQuote).join(' ')} >${path} && apparmor_parser -r ${path}` };
}

/** @param {string} text */
export function shellQuote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * @param {string} path
 * @param {string} username
 * @param {number} uid
 */
function hasSubids(path, username, uid) {
  return readText(path)
    .split('\n')
    .some((line) => line.startsWith(`${username}:`) || line.startsWith(`${String(uid)}:`));
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
