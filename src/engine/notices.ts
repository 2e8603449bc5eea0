/** What the host lacks and the user should hear of: once a boot, since nothing of it stops a container. */
import { closeSync, openSync } from 'node:fs';
import { hasCode } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { runtimePath } from '../host/paths.ts';
import { probeHost } from '../host/probe.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { INSTALL_MAPPERS, remedyForSubids } from '../plan/id-maps.ts';

/** Sentences that were not said yet in this boot. */
export async function takeNotices(): Promise<string[]> {
  const facts = await probeHost();
  return Object.entries(findNotices(facts)).flatMap(([name, text]) => (isFirst(name) ? [text] : []));
}

function findNotices(facts: HostFacts): Record<string, string> {
  const { subuids, subgids, helpers, userName } = facts;
  const notices: Record<string, string> = {};
  const single = 'containers have one user id, and files of other users of an image become yours';
  if (helpers.newuidmap === undefined || helpers.newgidmap === undefined) {
    notices['no-newuidmap'] = `newuidmap is not installed: ${single}\n  ${INSTALL_MAPPERS}`;
  } else if (subuids.length === 0 || subgids.length === 0) {
    notices['no-subids'] = `"${userName}" has no subordinate ids: ${single}\n  ${remedyForSubids(facts)}`;
  }
  if (helpers.slirp4netns === undefined) {
    notices['no-slirp4netns'] =
      'slirp4netns is not installed: containers have no network\n  An administrator installs it: apt-get install slirp4netns, or dnf install slirp4netns';
  }
  return notices;
}

/** The first process that makes the file says it. */
function isFirst(name: string): boolean {
  ensureDirectory(runtimePath('notices'));
  try {
    closeSync(openSync(runtimePath('notices', name), 'wx', 0o600));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}
