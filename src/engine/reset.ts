/** `system reset`: nothing is left but the settings. */
import { existsSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode, type TspodError } from '../errors.ts';
import { runtimePath, storePath } from '../host/paths.ts';
import { listIfPresent } from '../host/present.ts';
import { probeHost } from '../host/probe.ts';
import { tryRemoveTrees } from '../host/userns.ts';
import type { ContainerId } from '../model/container-config.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { listContainers, listDamagedContainers } from '../store/container-list.ts';
import { containerPath } from '../store/container-paths.ts';
import { forgetLeftover } from '../store/damage.ts';
import { removeContainers, removeDamagedContainer } from './remove.ts';

/** What tspod makes; the directory may be one that the user has other things in. */
const STORE = [
  ...['containers', 'volumes', 'secrets', 'pods', 'networks', 'layers', 'staging', 'blobs'],
  ...['index.json', 'index.json.reserve', 'oci-layout', 'events', 'events.1'],
];
/** Those of them that have a directory for each of many things. */
const MANY = ['containers', 'volumes', 'layers'];
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
 * @returns why containers could not be removed, with which the store stays, or what else is in it
 */
export async function resetStore(): Promise<unknown[]> {
  const facts = await probeHost();
  const results = await removeContainers(listContainers(), { force: true, volumes: true, timeoutSeconds: 0 });
  const errors = results.flatMap(({ container: { config }, error }) => (isThere(config.id) ? [error] : []));
  if (errors.length > 0) return errors;
  for (const id of listDamagedContainers()) {
    await removeDamagedContainer(id).catch((error: unknown) => {
      if (isThere(id)) throw error;
    });
  }
  const { store, runtime } = resetPaths();
  const stuck = await removeAll(store, facts);
  for (const path of [store, runtimePath('containers'), runtime]) removeIfEmpty(path);
  return stuck;
}

/** Else at most its files are left, which are seen to with the rest. */
function isThere(id: ContainerId): boolean {
  return existsSync(containerPath(id));
}

/** @returns what stays, and why */
async function removeAll(store: string, facts: HostFacts): Promise<TspodError[]> {
  const parts = MANY.flatMap((name) => listIfPresent(storePath(name)).map((part) => storePath(name, part)));
  const stuck = await tryRemoveTrees(parts, facts); // One that stays keeps none of the others.
  const holders = new Set([...stuck.keys()].map(dirname));
  const left = listIfPresent(store).filter((name) => LEFT.test(name));
  const all = [...[...STORE, ...left].map((name) => storePath(name)), ...RUNTIME.map((name) => runtimePath(name))];
  const whole = all.filter((path) => !holders.has(path));
  const errors = [...stuck, ...(await tryRemoveTrees(whole, facts))];
  for (const [path] of errors) forgetLeftover(path); // It is said as an error.
  return errors.map(([, error]) => error);
}

function removeIfEmpty(path: string): void {
  try {
    if (existsSync(path)) rmdirSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY')) throw error;
  }
}
