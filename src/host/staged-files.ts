/** Files on their way to their place: `NAME.<hexadecimal digits>.tmp` beside it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { listIfPresent } from './present.ts';

/**
 * Remove what killed processes did not bring to its place. The caller has the lock without which nobody writes such a file.
 *
 * @param options.name of one file; without it those of every file
 */
export function removeStagedFiles(directory: string, { name }: { readonly name?: string } = {}): void {
  for (const entry of listIfPresent(directory)) {
    const [, target] = /^(.+)[.][0-9a-f]{12,16}[.]tmp$/.exec(entry) ?? [];
    if (target !== undefined && (name === undefined || name === target))
      rmSync(join(directory, entry), { force: true });
  }
}
