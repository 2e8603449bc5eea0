/** Volumes on disk: `volumes/<name>/config.json`, the data in `_data`, and `unclaimed` until a container mounts it. */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode, TspodError, UsageError } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { storePath } from '../host/paths.ts';
import { listIfPresent } from '../host/present.ts';
import { randomHex } from '../host/random.ts';
import type { VolumeOptions } from '../model/mount.ts';
import { volumeSettings } from '../model/volume-settings.ts';
import { noteDamage } from './damage.ts';
import { isInHand, nameInHand } from './in-hand.ts';
import { readState, syncDirectory, writeState } from './state-file.ts';
import { isLost, modeOf } from './volatile.ts';

export interface VolumeConfig {
  readonly version: 1;
  readonly name: string;
  /** RFC 3339 */
  readonly created: string;
  readonly anonymous: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Nothing for a plain directory. */
  readonly options?: VolumeOptions;
  /** Nothing but the name is known. */
  readonly isDamaged?: boolean;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;

/** The directory with all that belongs to a volume. */
export function volumeHome(name: string): string {
  return storePath('volumes', name);
}

/** The directory of its own that is mounted for a volume, and that no other kind of volume has. */
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
  if (!isVolume(config.name)) {
    throw new UsageError(`"${config.name}" is not a name for a volume`, {
      remedy: 'Names are up to 255 letters, digits, "_", "." and "-", and begin with a letter or digit: data-1',
    });
  }
  const path = storePath('volumes', config.name);
  ensureDirectory(storePath('volumes'));
  if (!config.anonymous && !existsSync(path)) returnAbandoned();
  if (existsSync(path)) {
    if (!isLost(path)) return false;
    detachVolume(config.name); // The next removal takes it.
  }
  const staged = storePath('volumes', nameInHand(`${STAGED}${randomHex(8)}`));
  try {
    // Whatever our umask: a program in a volume may be setuid to us, and other users must not come to it.
    mkdirSync(staged, { mode: modeOf({ isVolatile: config.anonymous }) });
    if (volumeSettings(config.options).kind === 'own') makeData(staged);
    writeState(join(staged, 'config.json'), config, { durability: config.anonymous ? 'volatile' : 'durable' });
    renameSync(staged, path);
    if (!config.anonymous) syncDirectory(storePath('volumes'));
    return true;
  } catch (error) {
    rmSync(staged, { recursive: true, force: true });
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return false; // Somebody was faster.
    throw error;
  }
}

function makeData(staged: string): void {
  mkdirSync(join(staged, '_data'));
  chmodSync(join(staged, '_data'), 0o755);
  writeFileSync(join(staged, UNCLAIMED), '');
}

/**
 * Take a volume out of the store in one step.
 *
 * @returns garbage to be removed in the user namespace; nothing when the volume is gone already
 */
export function detachVolume(name: string): string[] {
  return rename(storePath('volumes', name), GARBAGE);
}

/**
 * Take a volume out of sight, to find out then whether anybody uses it: discardAside() or returnAside() follows. Where
 * we are killed before, the next look at the volumes brings it back.
 *
 * @returns where it is; nothing when it is gone already
 */
export function setVolumeAside(name: string): string[] {
  return rename(storePath('volumes', name), ASIDE);
}

/** Nobody uses a volume that was set aside: from now on it is garbage, whose place is returned. */
export function discardAside(aside: readonly string[]): string[] {
  return aside.flatMap((path) => rename(path, GARBAGE));
}

/**
 * Give a volume that was set aside its place back.
 *
 * @returns whether there was none of that name meanwhile
 */
export function returnAside(name: string, [aside = '']: readonly string[]): boolean {
  try {
    renameSync(aside, storePath('volumes', name));
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) return false;
    throw error;
  }
}

const STAGED = '.creating-';
const ASIDE = '.aside-';
const GARBAGE = '.removing-';
const UNCLAIMED = 'unclaimed';

function rename(path: string, prefix: string): string[] {
  const target = storePath('volumes', nameInHand(`${prefix}${randomHex(8)}`));
  try {
    renameSync(path, target);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
  return [target];
}

/** Bring back what removals that were killed had set aside; where there is another volume of the name it is garbage. */
function returnAbandoned(): void {
  for (const name of listIfPresent(storePath('volumes'))) {
    if (!name.startsWith(ASIDE) || isInHand(name)) continue;
    const aside = storePath('volumes', name);
    const own = ownName(aside);
    if (own !== undefined) returnAside(own, [aside]);
  }
}

function ownName(path: string): string | undefined {
  try {
    const name = (readState(join(path, 'config.json')) as Partial<VolumeConfig> | null | undefined)?.name;
    return name !== undefined && isVolume(name) ? name : undefined;
  } catch {
    return undefined; // It is damaged, and what it was called is not known.
  }
}

/** Whether no container has mounted the volume: the first one's user gets it. */
export function isUnclaimed(name: string): boolean {
  return existsSync(storePath('volumes', name, UNCLAIMED));
}

/** Note that it has an owner. */
export function claimVolume(name: string): void {
  rmSync(storePath('volumes', name, UNCLAIMED), { force: true });
}

/** Gather what killed removals and creations, and a power cut, have left; a volume that can come back does so first. */
export function gatherVolumeGarbage(): string[] {
  returnAbandoned();
  return listNames().flatMap((name) => (isGarbage(name) ? [storePath('volumes', name)] : []));
}

function isGarbage(name: string): boolean {
  if (name.startsWith(ASIDE)) return !isInHand(name) && !canReturn(storePath('volumes', name));
  return name.startsWith(STAGED) || name.startsWith(GARBAGE)
    ? !isInHand(name)
    : isVolume(name) && isLost(volumeHome(name));
}

/** Whether the next look brings it back: who has set it aside may have been killed since the last one. */
function canReturn(aside: string): boolean {
  const own = ownName(aside);
  return own !== undefined && !existsSync(storePath('volumes', own));
}

/** Others may keep something beside the volumes: lost+found. */
function isVolume(name: string): boolean {
  return NAME.test(name);
}

/** Remove a volume that nothing was ever written to. */
export function discardVolume(name: string): void {
  for (const garbage of detachVolume(name)) rmSync(garbage, { recursive: true, force: true });
}

/** Every volume, by name; one whose config cannot be read is noted, and has nothing but its name. */
export function listVolumes(): VolumeConfig[] {
  returnAbandoned();
  return listNames().flatMap((name) => {
    if (!isVolume(name) || isLost(volumeHome(name))) return [];
    const config = readVolume(name);
    return config === undefined ? [] : [config];
  });
}

/**
 * The options of a volume; one that is not there yet has none.
 *
 * @throws {TspodError} when they cannot be read, and it has no directory of its own
 */
export function readVolumeOptions(name: string): VolumeOptions {
  const path = storePath('volumes', name, 'config.json');
  try {
    const config = readState(path) as Partial<VolumeConfig> | null | undefined;
    if (config === undefined && existsSync(volumeHome(name))) throw new Error('it is missing');
    return config?.options ?? {};
  } catch (cause) {
    if (existsSync(volumeDataPath(name))) return {};
    throw damaged(name, path, cause);
  }
}

function damaged(name: string, path: string, cause: unknown): TspodError {
  return new TspodError(`the state file "${path}" is damaged`, {
    cause,
    remedy: `Save what you need of "${volumeDataPath(name)}", then remove the volume: tspod volume rm ${name}`,
  });
}

function readVolume(name: string): VolumeConfig | undefined {
  const path = storePath('volumes', name, 'config.json');
  try {
    const config = readState(path) as Partial<VolumeConfig> | null | undefined;
    if (config === undefined && !existsSync(volumeHome(name))) return undefined;
    if (config?.version !== 1 || config.name !== name) throw new Error('it has no config of this version and name');
    return config as VolumeConfig;
  } catch (cause) {
    noteDamage(damaged(name, path, cause), () => existsSync(storePath('volumes', name)));
    return { version: 1, name, created: UNKNOWN_TIME, anonymous: false, labels: {}, isDamaged: true };
  }
}

/** Go's zero time. */
const UNKNOWN_TIME = '0001-01-01T00:00:00Z';

function listNames(): string[] {
  return listIfPresent(storePath('volumes')).sort();
}
