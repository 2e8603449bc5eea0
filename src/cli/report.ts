/** What the user sees when something went wrong: one sentence, what to do about it, and never a stack trace. */
import { TspodError } from '../errors.ts';
import { OutputClosed, writeError } from './output.ts';

/** Print an error as Podman does, with the remedy below it, and return the exit status. */
export function reportError(error: unknown, environment: NodeJS.ProcessEnv): number {
  if (error instanceof OutputClosed) return 0;
  writeError(describeError(error));
  if (environment['TSPOD_DEBUG']) writeError(`${debugText(error)}\n`);
  return error instanceof TspodError ? error.exitCode : 125;
}

/** The text of an error: a remedy that starts with a small letter is a command to type, any other a sentence. */
function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = [`Error: ${message}`];
  const remedy = error instanceof TspodError ? error.remedy : undefined;
  if (remedy !== undefined) lines.push(/^[a-z]/.test(remedy) ? `  try: ${remedy}` : `  ${remedy}`);
  return `${lines.join('\n')}\n`;
}

function debugText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${debugText(error.cause)}`;
}
