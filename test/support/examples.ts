/** Example values for unit tests: plain data with every field filled in, to be changed where a test cares. */
import type { HostFacts } from '../../src/model/host-facts.ts';

/** An ordinary workstation: Debian, cgroup v2 delegated, all helpers there. */
export function exampleFacts(changes: Partial<HostFacts> = {}): HostFacts {
  return {
    uid: 1000,
    gid: 1000,
    userName: 'alice',
    home: '/home/alice',
    hostname: 'workstation',
    subuids: [{ start: 100000, count: 65536 }],
    subgids: [{ start: 100000, count: 65536 }],
    helpers: {
      newuidmap: '/usr/bin/newuidmap',
      newgidmap: '/usr/bin/newgidmap',
      'fuse-overlayfs': '/usr/bin/fuse-overlayfs',
      slirp4netns: '/usr/bin/slirp4netns',
    },
    cgroup: { version: 2, controllers: ['cpu', 'cpuset', 'io', 'memory', 'pids'], manager: 'scope' },
    kernelOverlay: true,
    kernel: '6.1.0-49-amd64',
    bootId: '00000000-0000-4000-8000-000000000000',
    ...changes,
  };
}
