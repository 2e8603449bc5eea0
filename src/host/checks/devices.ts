/** Checks of devices and of the programs that use them. */
import type { Finding } from '../../model/finding.ts';
import type { HostFacts } from '../../model/host-facts.ts';
import { deviceRemedy, openingError } from '../device-error.ts';
import { readSetting } from './settings.ts';

/** Which root file system drivers there are. */
export function checkStorageDrivers({ kernelOverlay, helpers, kernel }: HostFacts): Finding {
  const name = 'root file systems';
  const fuse = openingError('/dev/fuse');
  const canFuse = helpers['fuse-overlayfs'] !== undefined && fuse === undefined;
  if (kernelOverlay && canFuse) return { name, status: 'ok', detail: 'overlay of the kernel; fuse-overlayfs' };
  const fuseRemedy =
    fuse === undefined
      ? 'An administrator installs it: apt-get install fuse-overlayfs, or dnf install fuse-overlayfs'
      : deviceRemedy('/dev/fuse');
  if (kernelOverlay) {
    const what = fuse === undefined ? 'fuse-overlayfs is not installed' : `"/dev/fuse" cannot be opened (${fuse})`;
    return {
      name,
      status: 'limited',
      detail: `overlay of the kernel; ${what}, which --userns=keep-id needs to start fast`,
      remedy: fuseRemedy,
    };
  }
  const reason = `the kernel ${kernel} does not overlay for you at this store`;
  if (canFuse) {
    return {
      name,
      status: 'limited',
      detail: `fuse-overlayfs alone: ${reason}`,
      remedy: 'Linux 5.13 or newer does, with the store on ext4, xfs or btrfs: --root DIR',
    };
  }
  return { name, status: 'limited', detail: `every container copies its image: ${reason}`, remedy: fuseRemedy };
}

/** What the networks need. */
export function checkNetworks({ helpers }: HostFacts): Finding {
  const name = 'networks';
  const tun = openingError('/dev/net/tun');
  if (tun !== undefined) {
    return {
      name,
      status: 'limited',
      detail: `"/dev/net/tun" cannot be opened (${tun}): only --network none and host work`,
      remedy: deviceRemedy('/dev/net/tun'),
    };
  }
  if (helpers.slirp4netns === undefined) {
    return {
      name,
      status: 'limited',
      detail: 'slirp4netns is not installed: containers have no network unless they ask for another one',
      remedy: 'An administrator installs it: apt-get install slirp4netns, or dnf install slirp4netns',
    };
  }
  return { name, status: 'ok', detail: helpers.pasta === undefined ? 'slirp4netns' : 'slirp4netns, pasta' };
}

/** Whether ping works for the user's group; slirp4netns sends the container's. */
export function checkPing({ gid }: HostFacts): Finding {
  const name = 'ping';
  const [first = 1, last = 0] = (readSetting('net/ipv4/ping_group_range') ?? '').split(/\s+/).map(Number);
  if (gid >= first && gid <= last) return { name, status: 'ok', detail: `open to groups ${first} to ${last}` };
  return {
    name,
    status: 'limited',
    detail: `not open to your group ${gid}: ping in a container gets no answer`,
    remedy: 'An administrator opens it: sysctl net.ipv4.ping_group_range="0 2147483647"',
  };
}

/** From which port on the user may publish. */
export function checkLowPorts(): Finding {
  const name = 'ports below 1024';
  const start = Number(readSetting('net/ipv4/ip_unprivileged_port_start') ?? 1024);
  if (start <= 80) return { name, status: 'ok', detail: `ports from ${start} on can be published` };
  return {
    name,
    status: 'limited',
    detail: `ports below ${start} cannot be published`,
    remedy:
      'Publish a higher one, 8080:80, or have an administrator allow it: sysctl net.ipv4.ip_unprivileged_port_start=80',
  };
}

/** Few instances make programs in containers fail with "too many open files". */
export function checkInotify(): Finding {
  const name = 'inotify';
  const instances = Number(readSetting('fs/inotify/max_user_instances') ?? 0);
  if (instances >= 128) return { name, status: 'ok', detail: `${instances} instances` };
  return {
    name,
    status: 'limited',
    detail: `only ${instances} instances for all your programs and containers together`,
    remedy: 'An administrator raises it: sysctl fs.inotify.max_user_instances=512',
  };
}
