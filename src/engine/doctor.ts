/** Ask the host for everything that containers need, and say what would cure what is missing. */
import { checkInotify, checkLowPorts, checkNetworks, checkPing, checkStorageDrivers } from '../host/checks/devices.ts';
import { checkCgroups, checkLingering, checkRuntimeDirectory, checkSystemd } from '../host/checks/session.ts';
import { checkInstallation, checkSeccomp, checkStore } from '../host/checks/store.ts';
import { checkMapHelpers, checkSubordinateIds, checkUserNamespaces } from '../host/checks/users.ts';
import { probeHost } from '../host/probe.ts';
import type { Finding } from '../model/finding.ts';

/** Run every check, in the order in which a container needs what they look at. */
export async function examineHost(): Promise<Finding[]> {
  const facts = await probeHost();
  return [
    checkInstallation(),
    checkSubordinateIds(facts),
    checkMapHelpers(facts),
    await checkUserNamespaces(facts),
    checkRuntimeDirectory(facts),
    await checkStore(facts),
    checkStorageDrivers(facts),
    checkCgroups(facts),
    await checkSystemd(facts),
    checkLingering(facts),
    checkNetworks(facts),
    checkPing(facts),
    checkLowPorts(),
    await checkSeccomp(facts),
    checkInotify(),
  ];
}
