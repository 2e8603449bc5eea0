import type { Interfaces } from '@oclif/core';
import * as Flags from '@oclif/core/flags';
import { UsageError } from '../errors.ts';
import { parseNamespaceMode } from '../model/namespace-mode.ts';
import { parseInteger } from '../model/numbers.ts';

/** Go's string slices: several values in one text, with commas between them. */
export const list = { multiple: true, delimiter: ',' } as const;
/** Several values, one for each time the flag stands there. */
export const each = { multiple: true } as const;

/** A flag of Podman's that asks for nothing here. */
export const ignored = {
  description: 'accepted for the sake of scripts written for Podman; it changes nothing',
  hidden: true,
} as const;

type Optional = { multiple: false; requiredOrDefaulted: false };

/** A flag whose value is parsed where it enters: `parsed(parseBytes)({ description: '..' })`. */
export function parsed<T extends string | number | object | undefined>(
  parse: (text: string) => T,
): Interfaces.FlagDefinition<T, Interfaces.CustomOptions, Optional> {
  const wrapped = (text: string) =>
    new Promise<T>((resolve) => {
      resolve(parse(text));
    });
  // oclif's overloads cannot tell that a generic T is no array.
  return Flags.custom({ parse: wrapped as never }) as unknown as Interfaces.FlagDefinition<
    T,
    Interfaces.CustomOptions,
    Optional
  >;
}

/**
 * A flag that takes one of a few words, in small letters or capitals.
 *
 * @param others what a word may be called, too
 */
export const word = (others: Readonly<Record<string, string>> = {}) =>
  parsed((text) => {
    const small = text.toLowerCase();
    return Object.hasOwn(others, small) ? (others[small] ?? small) : small;
  });

/** The names that Kubernetes has for policies of pulling. */
export const PULL_POLICIES = { ifnotpresent: 'missing', ifnewer: 'newer' } as const;

/** A flag that takes a whole number. */
export const integer = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  parsed((text) => parseInteger(text, { least, most }));

/** A flag that takes a limit as a whole number, or 0 or another word for no limit, which is undefined. */
export const limit = (least: number, most?: number, none: readonly string[] = ['0']) =>
  parsed((text) =>
    none.includes(text) ? undefined : parseInteger(text, { least, most: most ?? Number.MAX_SAFE_INTEGER }),
  );

/** A flag that takes a mode of a namespace. */
export const namespace = (flag: string) => parsed((text) => parseNamespaceMode(text, flag));

/** A flag of Podman's that no value can be given to: scripts that pass it learn why. */
export function refused(reason: string, remedy: string) {
  return parsed((text): string => {
    throw new UsageError(`"${text}" is no use here: ${reason}`, { remedy });
  })({ description: `refused: ${reason}`, hidden: true, multiple: true });
}
