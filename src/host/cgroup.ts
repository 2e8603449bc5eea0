/** Which control groups this process may use: cgroup v2 as systemd has delegated it. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostFacts } from '../model/host-facts.ts';

const HIERARCHY = '/sys/fs/cgroup';

/**
 * What of cgroup v2 the user has.
 *
 * `subtree` inside a service that was given its cgroup (`Delegate=yes`), or below any other cgroup we may
 * write to; else `scope`, a transient one of the user's manager, where that answers on a bus.
 *
 * @see https://systemd.io/CGROUP_DELEGATION/
 */
export function cgroupFacts(uid: number): HostFacts['cgroup'] {
  if (!existsSync(join(HIERARCHY, 'cgroup.controllers'))) return { version: 1, controllers: [], manager: 'none' };
  const own = ownCgroup();
  if (isOwnService(own)) return { version: 2, controllers: readControllers(own), manager: 'subtree' };
  if (hasUserBus(uid)) {
    return {
      version: 2,
      controllers: readControllers(`/user.slice/user-${uid}.slice/user@${uid}.service`),
      manager: 'scope',
    };
  }
  return isWritable(own)
    ? { version: 2, controllers: readControllers(own), manager: 'subtree' }
    : { version: 2, controllers: [], manager: 'none' };
}

/** Our own cgroup below the hierarchy, `/user.slice/..`: cgroups(7), /proc/PID/cgroup. */
function ownCgroup(): string {
  return /^0::(\/.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
}

/** A unit that runs us directly and has NotifyAccess or Delegate says so in its environment: systemd.exec(5). */
function isOwnService(cgroup: string): boolean {
  return cgroup.endsWith('.service') && process.env['NOTIFY_SOCKET'] !== undefined && isWritable(cgroup);
}

function isWritable(cgroup: string): boolean {
  try {
    accessSync(join(HIERARCHY, cgroup), constants.W_OK);
    accessSync(join(HIERARCHY, cgroup, 'cgroup.procs'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function readControllers(cgroup: string): string[] {
  try {
    return readFileSync(join(HIERARCHY, cgroup, 'cgroup.controllers'), 'latin1')
      .trim()
      .split(' ')
      .filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function hasUserBus(uid: number): boolean {
  const runtime = process.env['XDG_RUNTIME_DIR'] || `/run/user/${uid}`;
  const isManaged = [runtime, `/run/user/${uid}`].some((directory) => existsSync(join(directory, 'systemd')));
  return isManaged && (process.env['DBUS_SESSION_BUS_ADDRESS'] !== undefined || existsSync(`/run/user/${uid}/bus`));
}
