/** The native clients know steps and errnos: they become this command, which knows the sentences. */
import { TspodError } from '../errors.ts';
import { explainEntry } from '../host/userns.ts';
import { explainClientStep } from '../plan/client-sentences.ts';
import { ERRNO, reasonOf } from '../plan/errno.ts';
import { explainOp } from '../plan/sentences.ts';

/** The hidden command that says why a native client failed. */
const EXPLAIN_COMMAND = '__explain';

/**
 * What a native program executes when it fails; it appends the step, its errno, and its arguments.
 *
 * @param origin whose steps these are: of a client of a monitor, or of the way into a user namespace
 */
export function explainCommand(origin: 'client' | 'userns' = 'client'): string[] {
  const words = origin === 'client' ? [EXPLAIN_COMMAND] : [EXPLAIN_COMMAND, USERNS];
  return [process.execPath, ...process.execArgv, '--', process.argv[1] ?? '', ...words]; // As native/launcher.c.
}

/** The error for what a native program reports: a step of its own, or the op of the monitor that failed. */
export function explainFailure([name = '', errno = '0', ...args]: readonly string[]): TspodError {
  if (name === USERNS) return explainUserns(errno, Number(args[0]), args[1]);
  return explainClientStep(name, Number(errno)) ?? explainOp([name, ...args], Number(errno));
}

const USERNS = 'userns';

function explainUserns(step: string, errno: number, detail = ''): TspodError {
  if (step !== 'exec') return explainEntry(step, errno) ?? explainOp([step, detail], errno);
  return new TspodError(`the command "${detail}" cannot be invoked: ${reasonOf(errno)}`, {
    exitCode: errno === ERRNO.ENOENT ? 127 : 126,
    remedy: 'It must be a program for this machine, or a script whose interpreter is there.',
  });
}
