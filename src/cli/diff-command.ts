/** `diff`, `container diff` and `image diff`: the same, of different things. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { UsageError } from '../errors.ts';
import type { Change } from '../model/file-change.ts';
import { printable } from './printable.ts';

export const diffFlags = {
  format: Flags.string({
    description: 'with "json", print lists of what was changed, added and deleted',
    helpValue: 'FORMAT',
  }),
};

/** One or two things whose files are compared. */
export function diffArgs(what: string) {
  return {
    name: Args.string({ description: `${what}: name, id, or the beginning of an id` }),
    parent: Args.string({ description: 'what to compare with, instead of what it was made from' }),
  };
}

/** @throws {UsageError} when the format is none */
export function checkDiffFormat(format: string | undefined): void {
  if (format === undefined || format === 'json') return;
  throw new UsageError(`only supported value for "--format" is "json", not "${format}"`, {
    remedy: 'Leave it out, or write --format json.',
  });
}

/** The lines, or the lists, that Podman prints. */
export function formatChanges(changes: readonly Change[], format: string | undefined): string {
  if (format !== 'json') return changes.map(({ kind, path }) => `${kind} ${printable(path)}\n`).join('');
  const lists = { changed: paths(changes, 'C'), added: paths(changes, 'A'), deleted: paths(changes, 'D') };
  const there = Object.entries(lists).filter(([, list]) => list.length > 0);
  return `${JSON.stringify(Object.fromEntries(there), null, 5)}\n`;
}

function paths(changes: readonly Change[], wanted: Change['kind']): string[] {
  return changes.filter(({ kind }) => kind === wanted).map(({ path }) => path);
}
