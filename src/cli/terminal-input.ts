import { isatty } from 'node:tty';
import { writeError } from './output.ts';

interface StreamFlags {
  readonly tty: boolean;
  readonly interactive: boolean;
  readonly detach: boolean;
}

/** Say, in Podman's words, when the terminal that is asked for has none of the user's behind it. */
export function warnOfMissingTerminal({ tty, interactive, detach }: StreamFlags): void {
  if (!tty || !interactive || detach || isatty(0)) return;
  writeError('The input device is not a TTY. The --tty and --interactive flags might not work properly\n');
}
