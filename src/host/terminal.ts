/** The user's terminal. */
import type { TerminalSize } from '../plan/runtime-plan.ts';

/** Its size, when standard output is a terminal. */
export function readTerminalSize(): TerminalSize | undefined {
  const { isTTY, rows, columns } = process.stdout;
  return isTTY && rows > 0 && columns > 0 ? { rows, columns } : undefined;
}
