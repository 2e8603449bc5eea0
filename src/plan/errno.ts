/** Error numbers of the kernel, and what they mean where nothing more is known. */

/** asm-generic/errno-base.h and errno.h: the numbers are the same on x86-64 and arm64. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EMFILE: 24,
  ENOTTY: 25,
  ENOSPC: 28,
  EROFS: 30,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  ENODATA: 61,
  ETIME: 62,
  EBADMSG: 74,
  EOVERFLOW: 75,
  EUSERS: 87,
  EOPNOTSUPP: 95,
  ECONNRESET: 104,
  ENOTCONN: 107,
  ECONNREFUSED: 111,
  EDQUOT: 122,
} as const;

const REASONS: Readonly<Record<number, string>> = {
  [ERRNO.EPERM]: 'operation not permitted',
  [ERRNO.ENOENT]: 'no such file or directory',
  [ERRNO.ESRCH]: 'no such process',
  [ERRNO.EIO]: 'input/output error',
  [ERRNO.E2BIG]: 'argument list too long',
  [ERRNO.ENOEXEC]: 'exec format error',
  [ERRNO.EAGAIN]: 'try again',
  [ERRNO.ENOMEM]: 'out of memory',
  [ERRNO.EACCES]: 'permission denied',
  [ERRNO.EBUSY]: 'device or resource busy',
  [ERRNO.EEXIST]: 'file exists',
  [ERRNO.ENODEV]: 'no such device',
  [ERRNO.ENOTDIR]: 'not a directory',
  [ERRNO.EISDIR]: 'is a directory',
  [ERRNO.EINVAL]: 'invalid argument',
  [ERRNO.EMFILE]: 'too many open files',
  [ERRNO.ENOSPC]: 'no space left on device',
  [ERRNO.EROFS]: 'read-only file system',
  [ERRNO.ERANGE]: 'value out of range',
  [ERRNO.ENAMETOOLONG]: 'file name too long',
  [ERRNO.ENOTEMPTY]: 'directory not empty',
  [ERRNO.ELOOP]: 'too many levels of symbolic links',
  [ERRNO.ETIME]: 'timer expired',
  [ERRNO.EOVERFLOW]: 'value too large',
  [ERRNO.EOPNOTSUPP]: 'operation not supported',
  [ERRNO.EUSERS]: 'too many user namespaces',
  [ERRNO.ENOTCONN]: 'the program that serves the file system has ended',
  [ERRNO.ECONNREFUSED]: 'connection refused',
  [ERRNO.EDQUOT]: 'disk quota exceeded',
};

/** What a verb of the native program reports of its failure, behind whatever else was said. */
export interface Report {
  readonly step: string;
  /** A positive error number. */
  readonly errno: number;
  readonly detail: string;
}

/** @param text with a line `STEP ERRNO DETAIL`; undefined without one: it was killed, or has become another program */
export function parseReport(text: string): Report | undefined {
  const [, step = '', errno, detail = ''] = /^(\S+) (\d+)(?: (.*))?$/m.exec(text) ?? [];
  return errno === undefined ? undefined : { step, errno: Number(errno), detail };
}

/** @param errno a positive error number */
export function reasonOf(errno: number): string {
  return REASONS[errno] ?? `error ${errno}`;
}

/**
 * What a verb of the native program says of its failure, in words.
 *
 * @param report `STEP ERRNO DETAIL`, or what a program that it became has said; empty when it was killed
 */
export function reasonOfReport(report: string): string {
  const parsed = parseReport(report);
  if (parsed === undefined) return report.trim() || 'it was killed';
  const { step, errno, detail } = parsed;
  if (step === 'setns' || step === 'pidfd_open') return 'the monitor of the container has ended';
  return detail === '' ? reasonOf(errno) : `"${detail}": ${reasonOf(errno)}`;
}
