/** Checks of cgroups, of the user's systemd and of the directories that a session has. */
import { existsSync, statSync } from 'node:fs';
import type { Finding } from '../../model/finding.ts';
import type { HostFacts } from '../../model/host-facts.ts';
import { runtimePath } from '../paths.ts';
import { findUserBus, pingSystemd } from '../systemd.ts';

/** What flags of run need. */
const CONTROLLERS = ['cpu', 'cpuset', 'io', 'memory', 'pids'];

/** Whether limits work. */
export function checkCgroups({ cgroup, uid }: HostFacts): Finding {
  const name = 'cgroups';
  if (cgroup.version === 1) {
    return {
      name,
      status: 'limited',
      detail: 'this host has cgroup v1: containers run without limits',
      remedy: 'An administrator boots it with systemd.unified_cgroup_hierarchy=1 on the command line of the kernel.',
    };
  }
  if (cgroup.manager === 'none') {
    return {
      name,
      status: 'limited',
      detail: 'no cgroup is delegated to you here: containers run without limits',
      remedy: 'Log in by ssh or at the console instead of su or sudo.',
    };
  }
  const missing = CONTROLLERS.filter((controller) => !cgroup.controllers.includes(controller));
  if (missing.length === 0) return { name, status: 'ok', detail: `v2, ${CONTROLLERS.join(' ')} delegated` };
  return {
    name,
    status: 'limited',
    detail: `v2, but without ${missing.map((controller) => `"${controller}"`).join(', ')}: limits that need it are refused`,
    remedy: `An administrator writes "[Service]" and "Delegate=${CONTROLLERS.join(' ')}" to /etc/systemd/system/user@.service.d/delegate.conf, then: systemctl daemon-reload; systemctl restart user@${uid}`,
  };
}

/** Whether the user's systemd answers. */
export async function checkSystemd({ cgroup }: HostFacts): Promise<Finding> {
  const name = 'systemd';
  const address = findUserBus();
  if (address === undefined) {
    return {
      name,
      status: cgroup.manager === 'subtree' ? 'ok' : 'limited',
      detail: cgroup.manager === 'subtree' ? 'none of yours, and none is needed here' : 'none of yours is running',
      remedy: 'Log in by ssh or at the console instead of su or sudo.',
    };
  }
  try {
    await pingSystemd(address);
    return { name, status: 'ok', detail: `answers at ${address.path}` };
  } catch (error) {
    return {
      name,
      status: 'failed',
      detail: `does not answer at "${address.path}": ${(error as Error).message}`,
      remedy: 'See what it does: systemctl --user status; or set TSPOD_CGROUP_MANAGER=cgroupfs',
    };
  }
}

/** Whether containers outlive the login session. */
export function checkLingering({ userName, uid }: HostFacts): Finding {
  const name = 'lingering';
  if (!existsSync('/run/systemd/system')) return { name, status: 'ok', detail: 'no systemd that would end sessions' };
  if (uid === 0 || existsSync(`/var/lib/systemd/linger/${userName}`)) {
    return { name, status: 'ok', detail: 'containers outlive your login session' };
  }
  return {
    name,
    status: 'limited',
    detail: 'containers end when you log out, and units are not started at boot',
    remedy: `loginctl enable-linger ${userName}`,
  };
}

/** Where the sockets of containers lie. */
export function checkRuntimeDirectory({ uid }: HostFacts): Finding {
  const name = 'runtime directory';
  const path = runtimePath('..');
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    return {
      name,
      status: 'failed',
      detail: `"${path}" does not exist`,
      remedy: `Log in by ssh or at the console, which makes it, or: export XDG_RUNTIME_DIR=/run/user/${uid}`,
    };
  }
  if (path.startsWith('/run/')) return { name, status: 'ok', detail: path };
  return {
    name,
    status: 'limited',
    detail: `"${runtimePath()}" is not emptied at boot and not known to other logins of yours`,
    remedy: 'Log in by ssh or at the console, which makes /run/user and sets XDG_RUNTIME_DIR.',
  };
}
