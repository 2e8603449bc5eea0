/** What `mount` and `image mount` print. */
import * as Flags from '@oclif/core/flags';
import { UsageError } from '../../errors.ts';

export const mountFlags = {
  all: Flags.boolean({ char: 'a', description: 'all of them' }),
  format: Flags.string({ description: 'with "json", print a list', helpValue: 'FORMAT' }),
};

/** @throws {UsageError} when the format is none */
export function checkMountFormat(format: string | undefined): void {
  if (format === undefined || format === 'json') return;
  throw new UsageError(`unknown --format argument: "${format}"`, { remedy: 'Leave it out, or write --format json.' });
}

export interface MountRow {
  readonly id: string;
  readonly path: string;
}

/** A path alone for the one that was named; else ids with their paths. */
export function formatMounts(
  rows: readonly MountRow[],
  {
    format,
    isOne = false,
    full = false,
  }: { readonly format?: string | undefined; readonly isOne?: boolean; readonly full?: boolean },
): string {
  if (format === 'json') {
    const list = rows.map(({ id, path }) => ({ id, Repositories: null, mountpoint: path }));
    return `${JSON.stringify(list, null, 1)}\n`;
  }
  if (isOne) return rows.map(({ path }) => `${path}\n`).join('');
  return rows.map(({ id, path }) => `${full ? id : id.slice(0, 12)}  ${path}\n`).join('');
}
