/** What a command could not read or remove of the store and left aside, to go on with the rest. */
import { existsSync } from 'node:fs';
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

const leftovers = new Map<string, TspodError>();

/** What a killed command has left at a path, and could not be removed: it hinders nobody. */
export function noteLeftover(path: string, error: TspodError): void {
  leftovers.set(path, error);
}

/** The command says it itself. */
export function forgetLeftover(path: string): void {
  leftovers.delete(path);
}

/** What the user should be warned of when the command is done. */
export function lastingLeftovers(): TspodError[] {
  return [...leftovers].filter(([path]) => existsSync(path)).map(([, error]) => error);
}
