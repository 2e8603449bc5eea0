/** Volumes on disk: `volumes/<name>/config.json` and the data in `_data`. */
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { storePath } from '../host/paths.ts';
import { readState, writeState } from './state-file.ts';

export interface VolumeConfig {
  readonly version: 1;
  readonly name: string;
  /** RFC 3339 */
  readonly created: string;
  readonly anonymous: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** The directory that is mounted for a volume. */
export function volumeDataPath(name: string): string {
  return storePath('volumes', name, '_data');
}

/**
 * Make a volume unless it is there.
 *
 * @returns whether it was made now
 * @throws {UsageError} when the name has characters that a path must not have
 */
export function ensureVolume(config: VolumeConfig): boolean {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(config.name)) {
    throw new UsageError(`"${config.name}" is not a name for a volume`, {
      remedy: 'Names are letters, digits, "_", "." and "-", and begin with a letter or digit: data-1',
    });
  }
  const file = storePath('volumes', config.name, 'config.json');
  if (readState(file) !== undefined) return false;
  mkdirSync(volumeDataPath(config.name), { recursive: true });
  writeState(file, config, { durability: config.anonymous ? 'volatile' : 'durable' });
  return true;
}

/** Take volumes out of the store in one step each; what is returned is garbage to be removed in the user namespace. */
export function detachVolume(name: string): string {
  const garbage = storePath('volumes', `.removing-${name}`);
  renameSync(storePath('volumes', name), garbage);
  return garbage;
}

/** Remove a volume that nothing was ever written to. */
export function discardVolume(name: string): void {
  rmSync(storePath('volumes', name), { recursive: true, force: true });
}

/** Every volume, by name. */
export function listVolumes(): VolumeConfig[] {
  return listNames().flatMap((name) => {
    const config = name.startsWith('.') ? undefined : readState(storePath('volumes', name, 'config.json'));
    return config === undefined ? [] : [config as VolumeConfig];
  });
}

function listNames(): string[] {
  try {
    return readdirSync(storePath('volumes')).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
