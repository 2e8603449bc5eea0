/** What it means when the user namespace of a container, or an id in it, cannot be had. */
import { TspodError } from '../errors.ts';
import { ERRNO, reasonOf } from './errno.ts';
import type { Op } from './ops.ts';

/** setresuid(2) and its like say EINVAL for an id outside the map. */
export function explainUnmapped(spec: string, groups: readonly string[], ops: readonly Op[]): TspodError {
  const isNested = ops.some(([name]) => name === 'init-uidmap');
  const idsOf = (kind: 'uid' | 'gid') =>
    ops
      .filter(([name]) => name === `${isNested ? 'init-' : ''}${kind}map`)
      .map(([, first, , size]) => [Number(first), Number(first) + Number(size) - 1] as const)
      .reduce(
        (text, [first, last]) =>
          text.endsWith(`-${first - 1}`)
            ? text.replace(/\d+$/, String(last))
            : `${text === '' ? '' : `${text}, `}${first}-${last}`,
        '',
      );
  const map = ops.length === 0 ? '' : `, which has the user ids ${idsOf('uid')} and the group ids ${idsOf('gid')}`;
  const who = [
    ...(spec === '' ? [] : [`user "${spec}"`]),
    ...groups.filter((group) => group !== 'keep-groups').map((group) => `group "${group}"`),
  ];
  if (who.length === 0) who.push('user "0"'); // Whom nobody has chosen.
  return new TspodError(`the ${who.join(' or ')} has an id that is not mapped into the container${map}`, {
    exitCode: 126,
    remedy: isNested
      ? 'Ask for more ids, --userns=auto:size=100000 say, or choose a smaller id.'
      : 'Widen your ranges in /etc/subuid and /etc/subgid, or choose a smaller id.',
  });
}

/** The kernel refuses a line of a map. */
export function explainMap(
  kind: 'uid' | 'gid',
  [inside = '', outside = '', size = '']: readonly string[],
  errno: number,
): TspodError {
  return new TspodError(`cannot map ${size} ${kind}s from "${outside}" to "${inside}": ${reasonOf(errno)}`, {
    remedy: `See your ranges: grep "^$USER:" /etc/sub${kind}`,
  });
}

/** newuidmap(1) or newgidmap(1) failed. */
export function explainMapper(program: string, [path = '']: readonly string[], errno: number): TspodError {
  if (errno === ERRNO.ENOENT || errno === ERRNO.EACCES) {
    return new TspodError(`"${path}" cannot be run: ${reasonOf(errno)}`, {
      remedy: 'An administrator installs it: apt-get install uidmap, or dnf install shadow-utils',
    });
  }
  if (errno === ERRNO.EOPNOTSUPP) {
    return new TspodError(`${program} may not map your subordinate ids: this process can gain no privileges`, {
      remedy:
        'Run tspod outside of what sets no_new_privs: NoNewPrivileges=yes in a unit, setpriv --no-new-privs, bwrap and other sandboxes.',
    });
  }
  const file = path.includes('/') ? path : `"$(command -v ${program})"`;
  return new TspodError(`${program} refused to map your subordinate ids`, {
    remedy: `Its file capabilities or setuid bit may be missing, or /etc/subuid and /etc/subgid differ: ls -l ${file}; tspod doctor`,
  });
}

/** No user namespace can be made, or it gives no rights. */
export function explainNamespaces(errno: number): TspodError {
  if (errno === ERRNO.ENOSPC || errno === ERRNO.EUSERS) {
    return new TspodError('no more user namespaces can be made', {
      remedy: 'An administrator raises the limit: sysctl user.max_user_namespaces=28633',
    });
  }
  if (errno === ERRNO.EDQUOT) {
    return new TspodError('your quota of kernel keys is used up: each container has a keyring of its own', {
      remedy: 'An administrator raises it: sysctl kernel.keys.maxkeys=20000 kernel.keys.maxbytes=2000000',
    });
  }
  return new TspodError(`user namespaces are forbidden on this host: ${reasonOf(errno)}`, {
    remedy:
      'An administrator allows them: sysctl kernel.unprivileged_userns_clone=1 (Debian), the AppArmor profile that tspod doctor shows (Ubuntu), sysctl user.max_user_namespaces=28633. Inside a chroot none allows them.',
  });
}
