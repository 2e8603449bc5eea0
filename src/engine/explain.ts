/** The native clients know steps and errnos: they become this command, which knows the sentences. */
import type { TspodError } from '../errors.ts';
import { explainClientStep } from '../plan/client-sentences.ts';
import { explainOp } from '../plan/sentences.ts';

/** The hidden command that says why a native client failed. */
const EXPLAIN_COMMAND = '__explain';

/** What a native client executes when it fails; it appends the step, its errno, and its arguments. */
export function explainCommand(): string[] {
  return [process.execPath, ...process.execArgv, '--', process.argv[1] ?? '', EXPLAIN_COMMAND]; // As native/launcher.c.
}

/** The error for what a native client reports: a step of its own, or the op of the monitor that failed. */
export function explainFailure([name = '', errno = '0', ...args]: readonly string[]): TspodError {
  return explainClientStep(name, Number(errno)) ?? explainOp([name, ...args], Number(errno));
}
