/** Checks of ids, user namespaces and the programs that map them. */
import { nativeProgram, runNative } from '../native.ts';
import type { Finding } from '../../model/finding.ts';
import type { HostFacts, IdRange } from '../../model/host-facts.ts';
import { ERRNO, parseReport, reasonOfReport } from '../../plan/errno.ts';
import { remedyForSubids } from '../../plan/id-maps.ts';
import { explainEntry, usernsArgs } from '../userns.ts';
import { readSetting } from './settings.ts';

/** As many as images use by convention: every id of 16 bits. */
const ENOUGH_IDS = 65_536;

/** Whether the user has ranges in /etc/subuid and /etc/subgid, or through NSS. */
export function checkSubordinateIds(facts: HostFacts): Finding {
  const { userName, subuids, subgids } = facts;
  const name = 'subordinate ids';
  const remedy = remedyForSubids(facts);
  const [uids, gids] = [count(subuids), count(subgids)];
  if (uids === 0 || gids === 0) {
    const place = facts.idsHere === undefined ? (uids === 0 ? '/etc/subuid' : '/etc/subgid') : 'this user namespace';
    const detail = `no range for "${userName}" in ${place}: containers have the one user root, and images with files of other users cannot be unpacked as they are`;
    return { name, status: 'limited', detail, remedy };
  }
  if (uids < ENOUGH_IDS || gids < ENOUGH_IDS) {
    const detail = `only ${uids} uids and ${gids} gids: images with larger ids cannot be unpacked`;
    return { name, status: 'limited', detail, remedy };
  }
  return { name, status: 'ok', detail: `${uids} uids, ${gids} gids` };
}

/** Whether newuidmap and newgidmap are installed. */
export function checkMapHelpers({ helpers }: HostFacts): Finding {
  const name = 'newuidmap, newgidmap';
  const missing = (['newuidmap', 'newgidmap'] as const).filter((helper) => helpers[helper] === undefined);
  if (missing.length === 0) return { name, status: 'ok', detail: helpers.newuidmap ?? '' };
  return {
    name,
    status: 'limited',
    detail: `"${missing.join('" and "')}" not installed: subordinate ids cannot be used`,
    remedy:
      'An administrator installs them: apt-get install uidmap (Debian, Ubuntu), dnf install shadow-utils (Fedora)',
  };
}

/** Whether a user namespace with the full map can really be made. */
export async function checkUserNamespaces(facts: HostFacts): Promise<Finding> {
  const name = 'user namespaces';
  const { uid, gid, subuids, subgids } = facts; // Tried, whatever became of the trial of the probe.
  const { exitCode, stderr } = await runNative([...usernsArgs({ uid, gid, subuids, subgids }), '--', '/bin/true']);
  if (exitCode === 0) return { name, status: 'ok', detail: 'one was made, with all your ids' };
  const { step = '', errno = 0 } = parseReport(stderr) ?? {};
  if (step.startsWith('new') && errno === ERRNO.EPERM) {
    const said = stderr.split('\n').find((line) => line.startsWith(`${step}: `));
    return {
      name,
      status: 'failed',
      detail: `"${step}" refused to map your ids${said === undefined ? '' : `: ${said}`}`,
      remedy: `Its setuid bit or file capabilities may be missing, or your ranges in /etc/subuid and /etc/subgid overlap or differ: ls -l ${facts.helpers.newuidmap ?? step}; grep ${facts.userName} /etc/subuid /etc/subgid`,
    };
  }
  if (step.startsWith('new')) {
    const { message = step, remedy } = explainEntry(step, errno) ?? {};
    return { name, status: 'failed', detail: message, ...(remedy !== undefined && { remedy }) };
  }
  const what = step === 'capabilities' ? 'they give no capabilities' : 'none can be made';
  return { name, status: 'failed', detail: `${what}: ${reasonOfReport(stderr)}`, remedy: userNamespaceRemedy() };
}

/** The setting that forbids them, of the three there are. */
function userNamespaceRemedy(): string {
  if (readSetting('user/max_user_namespaces') === '0') {
    return 'An administrator allows them: sysctl user.max_user_namespaces=28633, and the same line in /etc/sysctl.d/';
  }
  if (readSetting('kernel/unprivileged_userns_clone') === '0') {
    return 'An administrator allows them: sysctl kernel.unprivileged_userns_clone=1, and the same line in /etc/sysctl.d/';
  }
  if (readSetting('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return `AppArmor forbids them to programs without a profile. An administrator gives tspod one: ${appArmorCommand()}`;
  }
  return 'A container, a chroot or a security module around you forbids them: ask its administrator.';
}

/**
 * Makes and loads the profile that lets our program, and no other, make user namespaces (apparmor.d(5)). It is called
 * after the program: each user may have one of their own.
 */
function appArmorCommand(): string {
  const name = nativeProgram()
    .slice(1)
    .replaceAll(/[^\w.-]+/g, '.');
  const rules = [
    'abi <abi/4.0>,',
    'include <tunables/global>',
    `profile ${name} "${nativeProgram()}" flags=(unconfined) { userns, }`,
  ];
  const lines = rules.map((rule) => `'${rule.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  return String.raw`printf '%s\n' ${lines} >/etc/apparmor.d/${name} && apparmor_parser -r /etc/apparmor.d/${name}`;
}

function count(ranges: readonly IdRange[]): number {
  return ranges.reduce((sum, range) => sum + range.count, 0);
}
