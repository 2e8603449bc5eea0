/** What it means when a copy fails: sentences for what the native verbs report. */
import { TspodError } from '../errors.ts';
import type { CopyEnd } from './copy.ts';
import { ERRNO, reasonOf } from './errno.ts';

interface Failure {
  readonly step: string;
  readonly errno: number;
  readonly detail: string;
}

interface Ends {
  readonly source: { readonly end: CopyEnd } | 'stream';
  readonly target: { readonly end: CopyEnd } | 'stream';
}

/** asm-generic/errno.h: EBADMSG, ENODATA, what an archive is that cannot be read. */
const [EBADMSG, ENODATA] = [74, 61];

/** The error for a copy between two ends. */
export function explainCopy({ step, errno, detail }: Failure, { source, target }: Ends): TspodError {
  const from = source === 'stream' ? 'standard input' : nameOf(source.end);
  const to = target === 'stream' ? 'standard output' : nameOf(target.end);
  const failed = `cannot copy ${from} to ${to}`;
  if (step === 'setns' || step === 'pidfd_open') {
    return new TspodError(`${failed}: the namespaces of the container cannot be entered: ${reasonOf(errno)}`, {
      remedy: 'While a container runs its files can be reached from your own session, not from "tspod unshare".',
    });
  }
  if (step === 'user') {
    return new TspodError(`${failed}: unable to find user "${detail}" in the container's passwd or group file`, {
      remedy: 'Keep the owners as they are: tspod cp --archive=false',
    });
  }
  if (step === 'bind') {
    return new TspodError(`${failed}: "${detail}", which is mounted there, cannot be used: ${reasonOf(errno)}`, {
      remedy: `Look at it: ls -ld ${detail}`,
    });
  }
  if (step === 'stopped' || step === 'killed') return new TspodError(`${failed}: it was interrupted`);
  if (step === 'tar' || errno === EBADMSG) {
    const what = errno === ENODATA ? 'ends too early' : 'is malformed';
    return new TspodError(`${failed}: the tar archive ${what}`, { remedy: 'Look into it: tar -tvf ARCHIVE' });
  }
  if (step === 'put' && (errno === ERRNO.EISDIR || errno === ERRNO.ENOTDIR)) {
    const kind = errno === ERRNO.EISDIR ? 'a directory, and would become a file' : 'no directory, and would become one';
    return new TspodError(`${failed}: "${detail}" is there and is ${kind}`, { remedy: 'tspod cp --overwrite' });
  }
  if (step === 'put' && isOfKernel(target)) {
    return new TspodError(`${failed}: the kernel makes what is there, and takes no file`, {
      remedy: 'Write to one of its files instead: tspod exec CONTAINER sh -c "echo VALUE >FILE"',
    });
  }
  const reason = reasonOf(errno);
  return new TspodError(`${failed}${detail === '' ? '' : `, at "${detail}"`}: ${reason}`, { remedy: remedyOf(errno) });
}

function isOfKernel(target: Ends['target']): boolean {
  return target !== 'stream' && /^\/(proc|sys)(\/|$)/.test(target.end.path);
}

function nameOf({ given, where }: CopyEnd): string {
  return `"${given}" on ${where}`;
}

function remedyOf(errno: number): string {
  if (errno === ERRNO.ENOSPC || errno === ERRNO.EDQUOT) return 'Free some space there: df';
  if (errno === ERRNO.EROFS)
    return 'It is read-only: mount it without ro or O, or run the container without --read-only.';
  if (errno === ERRNO.EACCES || errno === ERRNO.EPERM) return 'Look at its owner and mode: tspod unshare ls -l';
  return 'tspod doctor';
}
