/** What it means when an op fails: the sentence and the remedy for an op and an errno of the native program. */
import { TspodError } from '../errors.ts';
import { ERRNO, reasonOf } from './errno.ts';
import { explainMap, explainMapper, explainNamespaces, explainUnmapped } from './id-sentences.ts';
import type { Op } from './ops.ts';

type Explanation = (args: readonly string[], errno: number, ops: readonly Op[]) => TspodError | undefined;

/** What went wrong where the arguments or the errno tell more. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  exec: ([command = ''], errno) => explainExec(command, errno),
  pivot: (_args, errno) => (errno === ERRNO.ENOTTY ? noTerminal() : undefined),
  user: ([spec = '', ...groups], errno, ops) =>
    errno === ERRNO.ENOENT
      ? explainUnknown(spec, groups)
      : errno === ERRNO.EINVAL
        ? explainUnmapped(spec, groups, ops)
        : undefined,
  'exec-flags': (_args, errno) =>
    errno === ERRNO.EAGAIN
      ? new TspodError('the container has 128 exec sessions at once, and no more are possible', {
          remedy: 'See which: tspod inspect --format "{{.ExecIDs}}" CONTAINER',
        })
      : undefined,
  cwd: ([path = ''], errno, ops) =>
    new TspodError(`cannot change to the working directory "${path}": ${reasonOf(errno)}`, {
      // Podman's codes differ, too. The client of an exec knows no other ops.
      exitCode: errno === ERRNO.ENOENT && ops.length === 0 ? 127 : 126,
      remedy: 'Choose another one: --workdir /',
    }),
  log: ([driver = '', path = ''], errno) => explainLog(driver, path, errno),
  bind: ([source = '', target = ''], errno) => explainBind(source, target, errno),
  program: ([source = '', target = ''], errno) => explainBind(source, target, errno),
  'bind-from': ([, source = ''], errno) =>
    new TspodError(`cannot share "${source}" of the container whose IPC namespace is joined: ${reasonOf(errno)}`, {
      remedy: 'See whether it runs: tspod ps',
    }),
  uidmap: (args, errno) => explainMap('uid', args, errno),
  gidmap: (args, errno) => explainMap('gid', args, errno),
  newuidmap: (args, errno) => explainMapper('newuidmap', args, errno),
  newgidmap: (args, errno) => explainMapper('newgidmap', args, errno),
  'init-uidmap': (args, errno) => explainMap('uid', args, errno),
  'init-gidmap': (args, errno) => explainMap('gid', args, errno),
  id: (_args, errno) => explainNamespaces(errno),
  'root-overlay': ([upper = ''], errno) => explainOverlay(upper, errno),
  'cgroup-write': ([file = '', value = ''], errno) =>
    new TspodError(`cannot set "${file}" of the container's cgroup to "${value}": ${reasonOf(errno)}`, {
      remedy: remedyForLimit(file, errno),
    }),
  sysctl: ([key = '', value = ''], errno) =>
    new TspodError(`cannot set the sysctl "${key.replaceAll('/', '.')}" to "${value}": ${reasonOf(errno)}`, {
      remedy: 'Only sysctls of namespaces that the container has for itself can be set.',
    }),
  device: ([host = ''], errno) =>
    new TspodError(`cannot give the container the device "${host}": ${reasonOf(errno)}`, {
      remedy: `Look at it: ls -l ${host}`,
    }),
  seccomp: ([path = ''], errno) =>
    new TspodError(`cannot install the seccomp filter "${path}": ${reasonOf(errno)}`, {
      remedy: 'Try --security-opt seccomp=unconfined',
    }),
  rlimit: ([, soft = '', hard = ''], errno) =>
    new TspodError(`cannot set a resource limit to "${soft}:${hard}": ${reasonOf(errno)}`, {
      remedy: 'The hard limit cannot be above your own: ulimit -H -a',
    }),
  mount: ([type = '', , target = ''], errno) =>
    new TspodError(`cannot mount ${type} on "${target}": ${reasonOf(errno)}`, { remedy: 'tspod doctor' }),
  part: ([target = '', path = ''], errno) =>
    new TspodError(`the image that is mounted on "${target}" has no directory "${path}" to show: ${reasonOf(errno)}`, {
      remedy: 'Name a directory of it: subpath=PATH',
    }),
  overlay: ([target = '', , upper = '', work = '', ...layers], errno) =>
    new TspodError(`the kernel cannot overlay on "${target}": ${reasonOf(errno)}`, {
      remedy: overlayRemedy({ upper, work, lower: layers.at(-1) ?? '' }, errno),
    }),
  tmpcopyup: ([target = ''], errno) =>
    new TspodError(`cannot mount a tmpfs on "${target}": ${reasonOf(errno)}`, {
      remedy: 'Check its options, given with --tmpfs or --mount; ids must be in the user namespace.',
    }),
  copyup: ([target = '', volume = ''], errno) =>
    new TspodError(`cannot copy "${target}" of the image to the volume at "${volume}": ${reasonOf(errno)}`, {
      remedy: errno === ERRNO.ENOSPC ? 'Free some space: tspod system prune' : 'Mount it without: -v NAME:PATH:nocopy',
    }),
  netns: ([, path = ''], errno) => explainJoin('network', path, errno),
  ns: ([kind = '', , path = ''], errno) => explainJoin(kind, path, errno),
};

/**
 * The error for a failed op.
 *
 * @param errno a positive error number of the kernel
 * @param ops those that it was one of, where they are known
 */
export function explainOp(op: Op | undefined, errno: number, ops: readonly Op[] = []): TspodError {
  if (op === undefined)
    return new TspodError(`the container could not be started: ${reasonOf(errno)}`, { remedy: 'tspod doctor' });
  const [name, ...fields] = op;
  const args = fields.map(String);
  return (
    EXPLANATIONS[name]?.(args, errno, ops) ??
    new TspodError(`cannot set up the container: ${[name, ...args.slice(0, 3)].join(' ')}: ${reasonOf(errno)}`, {
      remedy: 'tspod doctor',
    })
  );
}

function remedyForLimit(file: string, errno: number): string {
  if (file.startsWith('cpuset.') && (errno === ERRNO.ERANGE || errno === ERRNO.EINVAL)) {
    return 'Give numbers of CPUs and memory nodes that this host has: lscpu';
  }
  if (/^io[.](?:bfq[.])?weight$/.test(file) && errno === ERRNO.EOPNOTSUPP) {
    return 'This disk is not shared by weight, but can be limited: --device-read-bps, --device-write-bps';
  }
  return 'See which controllers you have: tspod doctor';
}

/** The native side says that a name is unknown, not which; numbers always are known. */
function explainUnknown(spec: string, groups: readonly string[]): TspodError {
  const isName = (text: string) => text !== '' && !/^\d+$/.test(text);
  const [user = '', group = ''] = spec.split(':');
  const names = [
    ...(isName(user) ? [`user "${user}"`] : []),
    ...[group, ...groups].filter((text) => isName(text) && text !== 'keep-groups').map((text) => `group "${text}"`),
  ];
  return new TspodError(
    `unable to find ${names.join(' or ')}: no matching entries in the container's passwd or group file`,
    { exitCode: 126, remedy: 'Give a numeric id: --user 1000:1000' },
  );
}

/** Not that of an execve(2): the terminal comes before. */
function noTerminal(): TspodError {
  return new TspodError('no terminal can be made in the container: its /dev/pts is not a devpts', {
    remedy: 'Do without: leave out --tty',
  });
}

function explainExec(command: string, errno: number): TspodError {
  if (errno === ERRNO.ENOTTY) return noTerminal();
  if (errno === ERRNO.ENOENT || errno === ERRNO.ENOTDIR) {
    return new TspodError(`the command "${command}" was not found in the container`, {
      exitCode: 127,
      remedy: 'Check its spelling and the PATH of the image.',
    });
  }
  if (errno === ERRNO.ENOEXEC) {
    return new TspodError(`the command "${command}" cannot be invoked: exec format error`, {
      exitCode: 126,
      remedy: 'It was built for another architecture, or is a script without an interpreter line.',
    });
  }
  return new TspodError(`the command "${command}" cannot be invoked: ${reasonOf(errno)}`, {
    exitCode: 126,
    remedy: 'It must be an executable file.',
  });
}

function explainBind(source: string, target: string, errno: number): TspodError {
  if (errno === ERRNO.ENOENT) {
    return new TspodError(`cannot mount "${source}" on "${target}": no such file or directory`, {
      remedy: `Make it first: mkdir -p ${source}`,
    });
  }
  return new TspodError(`cannot mount "${source}" on "${target}": ${reasonOf(errno)}`, {
    remedy: `Look at it: ls -ld ${source}`,
  });
}

function explainLog(driver: string, path: string, errno: number): TspodError {
  if (driver === 'journald') {
    return new TspodError(`the journal cannot be written to at "${path}": ${reasonOf(errno)}`, {
      remedy: 'systemd-journald has to run on this host; else: --log-driver k8s-file',
    });
  }
  if (errno === ERRNO.ENXIO) {
    return new TspodError(`the log "${path}" is neither a file nor a character device`, {
      remedy: `Give the path of a file, or look what is there: ls -l ${path}`,
    });
  }
  return new TspodError(`the log "${path}" cannot be written: ${reasonOf(errno)}`, {
    remedy: 'Its directory has to exist and to be yours: --log-opt path=/FILE',
  });
}

function explainJoin(kind: string, path: string, errno: number): TspodError {
  if (errno === ERRNO.ENOTTY || errno === ERRNO.EINVAL) {
    return new TspodError(`cannot join "${path}": it is no ${kind} namespace`, { remedy: `See it: ls -l ${path}` });
  }
  return new TspodError(`cannot join the ${kind} namespace "${path}": ${reasonOf(errno)}`, {
    remedy:
      errno === ERRNO.ENOENT
        ? `Its process has to run, or its file to be there: ls -l ${path}`
        : kind === 'network'
          ? "It has to belong to a user namespace of yours, not to the host's or to another user's: unshare --user --net"
          : 'Only namespaces that the user namespace of the container owns can be joined.',
  });
}

function overlayRemedy(
  { upper, work, lower }: { readonly upper: string; readonly work: string; readonly lower: string },
  errno: number,
): string {
  const isKept = upper !== '' && !/[/]overlay[/]\d+[/]upper$/.test(upper); // The user has named it.
  if (errno === ERRNO.ELOOP) return `None of "${upper}", "${work}" and "${lower}" may be in another one.`;
  if (errno === ERRNO.EINVAL) {
    // What others have mounted there would be uncovered: mount_namespaces(7), locked mounts.
    const below = `Nothing may be mounted below "${lower}" for that (findmnt shows it): mount it with :ro instead, or a directory in it.`;
    return isKept ? `"${upper}" and "${work}" have to be on one file system, and not on NFS. ${below}` : below;
  }
  return isKept
    ? `They have to be yours: ls -ld ${upper} ${work}`
    : 'See whether it can overlay in this store: tspod doctor';
}

function explainOverlay(upper: string, errno: number): TspodError {
  if (errno === ERRNO.ENOSPC || errno === ERRNO.EDQUOT) {
    return new TspodError(`no space left for the container at "${upper}"`, { remedy: 'Free some: tspod system prune' });
  }
  return new TspodError(`the kernel cannot overlay at "${upper}": ${reasonOf(errno)}`, {
    remedy: 'Use another driver: --storage-driver fuse-overlayfs, or a store on another file system: --root DIR',
  });
}
