import type { Interfaces } from '@oclif/core';
import * as Flags from '@oclif/core/flags';

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
