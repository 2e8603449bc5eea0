/** `system reset`: nothing is left but the settings. */
import { existsSync, rmdirSync } from 'node:fs';
import { hasCode } from '../errors.ts';
import { runtimePath, storePath } from '../host/paths.ts';
import { listIfPresent } from '../host/present.ts';
import { probeHost } from '../host/probe.ts';
import { removeTrees } from '../host/userns.ts';
import { listContainers, listDamagedContainers } from '../store/container-list.ts';
import { removeContainers, removeDamagedContainer } from './remove.ts';

/** What tspod makes; the directory may be one that the user has other things in. */
const STORE = [
  ...['containers', 'volumes', 'secrets', 'pods', 'networks', 'layers', 'staging', 'blobs'],
  ...['index.json', 'oci-layout', 'events', 'events.1'],
];
/** What a killed command has left beside them. */
const LEFT = /^\.probe-|^(?:index\.json|oci-layout)\.[0-9a-f]{16}\.tmp$/;
/** Not `containers`: each goes with its container, and those of another store may run. */
const RUNTIME = ['images', 'notices', 'seccomp', 'facts.json'];

/** Where everything is that a reset removes. */
export function resetPaths(): { readonly store: string; readonly runtime: string } {
  return { store: storePath(), runtime: runtimePath() };
}

/**
 * Kill and remove all containers, then remove images, volumes and whatever else there is in the store.
 *
 * @returns why containers could not be removed; the store stays then
 */
export async function resetStore(): Promise<unknown[]> {
  const facts = await probeHost();
  const results = await removeContainers(listContainers(), { force: true, volumes: true, timeoutSeconds: 0 });
  const errors = results.flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (errors.length > 0) return errors;
  for (const id of listDamagedContainers()) await removeDamagedContainer(id);
  const { store, runtime } = resetPaths();
  const inStore = [...STORE, ...listIfPresent(store).filter((name) => LEFT.test(name))];
  await removeTrees([...inStore.map((name) => storePath(name)), ...RUNTIME.map((name) => runtimePath(name))], facts);
  for (const path of [store, runtimePath('containers'), runtime]) removeIfEmpty(path);
  return [];
}

function removeIfEmpty(path: string): void {
  try {
    if (existsSync(path)) rmdirSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY')) throw error;
  }
}
