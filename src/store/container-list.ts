/** The containers there are; those that are damaged apart. */
import { existsSync } from 'node:fs';
import { DamagedContainerError } from '../errors.ts';
import { storePath } from '../host/paths.ts';
import { listIfPresent } from '../host/present.ts';
import type { ContainerId } from '../model/container-config.ts';
import { containerPath, isId } from './container-paths.ts';
import { readContainer, type Container } from './containers.ts';
import { noteDamage } from './damage.ts';

/** Every container, in the order of creation; one whose config cannot be read is left aside, and noted. */
export function listContainers(): Container[] {
  const found = tryContainers();
  for (const error of found.filter((one) => one instanceof DamagedContainerError)) {
    noteDamage(error, () => existsSync(containerPath(error.id as ContainerId)));
  }
  return found.flatMap((one) => (one instanceof DamagedContainerError ? [] : [one]));
}

/**
 * The same for those who must know what every container needs.
 *
 * @throws {DamagedContainerError} when one of them cannot be read
 */
export function listAllContainers(): Container[] {
  return tryContainers().map((one) => {
    if (one instanceof DamagedContainerError) throw one;
    return one;
  });
}

/** The containers whose config cannot be read. */
export function listDamagedContainers(): ContainerId[] {
  return tryContainers().flatMap((one) => (one instanceof DamagedContainerError ? [one.id as ContainerId] : []));
}

function tryContainers(): (Container | DamagedContainerError)[] {
  const found = listIfPresent(storePath('containers')).flatMap((name) => {
    const container = isId(name) ? tryContainer(name) : undefined;
    return container === undefined ? [] : [container];
  });
  return found.sort((a, b) => (dateOf(a) < dateOf(b) ? -1 : 1));
}

function tryContainer(id: ContainerId): Container | DamagedContainerError | undefined {
  try {
    return readContainer(id);
  } catch (error) {
    if (error instanceof DamagedContainerError) return error;
    throw error;
  }
}

function dateOf(one: Container | DamagedContainerError): string {
  return one instanceof DamagedContainerError ? '' : one.config.created;
}
