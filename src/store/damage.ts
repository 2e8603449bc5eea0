/** What a command could not read of the store and left aside, to go on with the rest. */
import type { TspodError } from '../errors.ts';

interface Damage {
  readonly error: TspodError;
  readonly isThere: () => boolean;
}

const noted = new Map<string, Damage>();

/** @param isThere whether it is so still: the command may remove what is damaged */
export function noteDamage(error: TspodError, isThere: () => boolean): void {
  noted.set(error.message, { error, isThere });
}

/** What the user should hear of when the command is done. */
export function lastingDamage(): TspodError[] {
  return [...noted.values()].filter(({ isThere }) => isThere()).map(({ error }) => error);
}
