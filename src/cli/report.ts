/** What the user sees when something went wrong: one sentence, what to do about it, and never a stack trace. */
import { dirname } from 'node:path';
import { TspodError } from '../errors.ts';
import { OutputClosed, UnfinishedOutput, writeError, writeOut } from './output.ts';
import { printableLines } from './printable.ts';

/**
 * Print an error as Podman does, with the remedy below it, and return the exit status. A reader that went away is no
 * error: what was reported before it did counts.
 */
export function reportError(error: unknown, environment: NodeJS.ProcessEnv): number {
  if (error instanceof OutputClosed) return Number(process.exitCode ?? 0);
  try {
    if (error instanceof UnfinishedOutput) writeOut(error.begun);
    writeError(describeError(error));
    if (environment['TSPOD_DEBUG']) writeError(`${debugText(error)}\n`);
  } catch {
    // Nobody reads standard error, or its disk is full: the exit status is all that can be said.
  }
  return error instanceof TspodError ? error.exitCode : 125;
}

/** Print what did not keep the command from its work. */
export function reportWarning(error: unknown): void {
  try {
    writeError(describeError(error, 'Warning'));
  } catch {
    // Nobody reads standard error, or its disk is full: it was only a word.
  }
}

/** Do something for each; an error is reported and the others go on. The exit status is the last error's. */
export async function forEachReporting<T>(items: readonly T[], body: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) {
    try {
      await body(item);
    } catch (error) {
      process.exitCode = reportError(error, process.env);
    }
  }
}

/** The text of an error: a remedy that starts with a small letter is a command to type, any other a sentence. */
function describeError(thrown: unknown, kind = 'Error'): string {
  const error = explainSystemError(thrown) ?? thrown;
  const message = withoutCall(error instanceof Error ? error.message : String(error));
  const lines = [`${kind}: ${message}`];
  const remedy = error instanceof TspodError ? error.remedy : undefined;
  if (remedy !== undefined) lines.push(/^[a-z]/.test(remedy) ? `  try: ${remedy}` : `  ${remedy}`);
  return `${printableLines(lines.join('\n'))}\n`; // It may quote an image, or an answer of a registry.
}

/** Node's `ENOENT: no such file or directory, open '/x'` at the end of a sentence: the middle is for a reader. */
function withoutCall(message: string): string {
  return message.replace(/\bE[A-Z0-9]+: ([^,]+), [a-z]+(?: '[^']*')?$/, '$1');
}

/** What a system call met with that nobody expected there, and what to look at. */
const SYSTEM_ERRORS: Readonly<Record<string, readonly [reason: string, remedy: (path: string) => string]>> = {
  EACCES: ['permission denied', (path) => `ls -ld ${path}`],
  EPERM: ['operation not permitted', (path) => `ls -ld ${path}`],
  EEXIST: ['a file is in the way', (path) => `ls -ld ${path}`],
  ENOENT: ['no such file or directory', (path) => `ls -ld ${dirname(path)}`],
  ENOTDIR: ['a part of the path is not a directory', (path) => `ls -ld ${path}`],
  EROFS: ['the file system is read-only', () => 'Choose another store: --root DIR'],
  ENOSPC: ['no space left on the device', (path) => `df -h ${path}; tspod rmi IMAGE removes what is not needed`],
  EFBIG: ['the file may not grow so large', () => 'Raise your limit of file sizes: ulimit -f'],
  EMFILE: ['too many files are open', () => 'Raise your limit of open files: ulimit -n 1024'],
  EDQUOT: ['your disk quota is used up', () => 'quota'],
};

/** Node's own errors of system calls name the call and the path, but not for a reader. */
function explainSystemError(error: unknown): TspodError | undefined {
  if (error instanceof TspodError || !(error instanceof Error)) return undefined;
  const { code = '', path, syscall } = error as NodeJS.ErrnoException;
  if (path === undefined) return undefined;
  const [reason, remedy] = SYSTEM_ERRORS[code] ?? [withoutCall(error.message), (place: string) => `ls -ld ${place}`];
  const [call = 'use'] = syscall?.split(' ') ?? []; // `spawn /a/program`
  return new TspodError(`cannot ${call} "${path}": ${reason}`, { cause: error, remedy: remedy(path) });
}

function debugText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${debugText(error.cause)}`;
}
