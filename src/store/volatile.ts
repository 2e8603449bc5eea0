/**
 * Objects that need not outlive a power cut, so that their configs are not synced (DESIGN.md §4): `--rm` containers and
 * anonymous volumes. The sticky bit of an object's directory says that it is one, also when the config is lost; any other
 * that has none has been damaged, and its files stay.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';

/** The mode of a new directory; mkdir(2) knows the sticky bit. */
export function modeOf({ isVolatile }: { readonly isVolatile: boolean }): number {
  return isVolatile ? 0o1700 : 0o700;
}

/** Whether a power cut has left nothing of a config. */
export function isLost(directory: string): boolean {
  const { mode = 0 } = statSync(directory, { throwIfNoEntry: false }) ?? {};
  return (
    (mode & 0o1000) !== 0 && (statSync(join(directory, 'config.json'), { throwIfNoEntry: false })?.size ?? 0) === 0
  );
}
