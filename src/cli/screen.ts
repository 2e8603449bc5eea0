/** Output that takes the place of what was shown before. */
import { isatty } from 'node:tty';

/** Erase the screen and go to its first place, on a terminal: console_codes(4). */
export function clearScreen(): string {
  return isatty(1) ? '\x1b[H\x1b[2J' : '';
}
