/** Example values for unit tests: plain data with every field filled in, to be changed where a test cares. */
import type { ContainerConfig, ContainerId } from '../../src/model/container-config.ts';
import { parseDigest } from '../../src/model/digest.ts';
import type { HostFacts } from '../../src/model/host-facts.ts';
import type { PlanPaths } from '../../src/plan/runtime-plan.ts';

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
    cgroup: { version: 2, controllers: ['cpu', 'cpuset', 'io', 'memory', 'pids'], manager: 'scope', swap: true },
    kernelOverlay: true,
    kernel: '6.1.0-49-amd64',
    bootId: '00000000-0000-4000-8000-000000000000',
    ...changes,
  };
}

/** Where an example container and its parts lie. */
export function examplePaths(changes: Partial<PlanPaths> = {}): PlanPaths {
  return {
    state: '/store/containers/c',
    run: '/run/user/1000/tspod/containers/c',
    name: '/store/containers/by-name/web',
    events: '/store/events',
    layers: ['/store/layers/base', '/store/layers/top'],
    images: {},
    volumes: {
      data: { home: '/store/volumes/data', data: '/store/volumes/data/_data', fill: 'all' },
      anon: { home: '/store/volumes/anon', data: '/store/volumes/anon/_data', fill: 'all' },
    },
    program: '/opt/tspod/tspod-monitor',
    seccomp: '/run/user/1000/tspod/seccomp/default.bpf',
    ...changes,
  };
}

/** `tspod run -d --name web alpine sleep 60`, with everything else by default. */
export function exampleConfig(changes: Partial<ContainerConfig> = {}): ContainerConfig {
  return {
    version: 1,
    id: 'c'.repeat(64) as ContainerId,
    name: 'web',
    created: '2026-11-20T10:00:00.000Z',
    root: {
      image: {
        id: `sha256:${'1'.repeat(64)}`,
        digest: `sha256:${'2'.repeat(64)}`,
        name: 'docker.io/library/alpine:latest',
        layers: [parseDigest(`sha256:${'3'.repeat(64)}`), parseDigest(`sha256:${'4'.repeat(64)}`)],
      },
    },
    storageDriver: 'overlay',
    process: {
      entrypoint: [],
      command: ['sleep', '60'],
      env: ['PATH=/usr/bin:/bin', 'container=podman'],
      workdir: '/',
      makeWorkdir: true,
      user: '',
      groups: [],
      tty: false,
      stdin: false,
      umask: 0o022,
      ulimits: [],
      init: false,
      preserveFds: 0,
    },
    hostname: 'cccccccccccc',
    mounts: [],
    resources: {},
    cgroups: 'enabled',
    userns: { kind: 'host' },
    network: {
      mode: { kind: 'slirp4netns', options: {} },
      ports: [],
      publishAll: false,
      addHosts: [],
      dns: [],
      dnsSearch: [],
      dnsOptions: [],
      noHosts: false,
    },
    pid: { kind: 'private' },
    ipc: { kind: 'private' },
    uts: { kind: 'private' },
    cgroupns: { kind: 'private' },
    security: {
      capAdd: [],
      capDrop: [],
      privileged: false,
      noNewPrivileges: false,
      seccomp: 'default',
      mask: [],
      unmask: [],
      readOnly: false,
    },
    shmSize: 65_536_000,
    sysctls: {},
    devices: [],
    log: { driver: 'k8s-file', maxSize: -1 },
    restart: { name: 'no' },
    stopSignal: 15,
    stopTimeout: 10,
    remove: false,
    labels: {},
    annotations: {},
    systemdNotify: 'container',
    detachKeys: 'ctrl-p,ctrl-q',
    createCommand: ['tspod', 'run', '-d', '--name', 'web', 'alpine', 'sleep', '60'],
    ...changes,
  };
}
