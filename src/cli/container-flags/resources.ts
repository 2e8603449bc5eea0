/** What a container may use: its cgroup. */
import type { Interfaces } from '@oclif/core';
import * as Flags from '@oclif/core/flags';
import { parseBytes, parseBytesOrUnlimited } from '../../model/bytes.ts';
import { parseCpus, parseCpuset } from '../../model/numbers.ts';
import { integer, namespace, parsed } from '../flag.ts';

/** What `update` can change while the container runs. */
export const limitFlags = {
  'cpu-period': integer(
    1000,
    1_000_000,
  )({ description: 'length of the period that --cpu-quota counts for, in microseconds', helpValue: 'US' }),
  'cpu-quota': integer(1000)({ description: 'CPU time each period, in microseconds', helpValue: 'US' }),
  'cpu-shares': integer(
    2,
    262_144,
  )({ char: 'c', description: 'weight among others when CPU time is short; 1024 is usual', helpValue: 'NUMBER' }),
  cpus: parsed(parseCpus)({ description: 'how many CPUs it may keep busy', helpValue: 'NUMBER' }),
  'cpuset-cpus': parsed(parseCpuset)({ description: 'CPUs it may run on: 0-3,5', helpValue: 'CPUS' }),
  'cpuset-mems': parsed(parseCpuset)({ description: 'memory nodes it may use: 0,1', helpValue: 'NODES' }),
  memory: parsed(parseBytes)({ char: 'm', description: 'memory limit', helpValue: 'SIZE' }),
  'memory-reservation': parsed(parseBytes)({ description: 'memory that is not reclaimed from it', helpValue: 'SIZE' }),
  'memory-swap': parsed(parseBytesOrUnlimited)({
    description: 'limit of memory and swap together; -1 is unlimited',
    helpValue: 'SIZE',
  }),
  'pids-limit': integer(-1)({ description: 'limit of processes and threads; -1 is unlimited', helpValue: 'COUNT' }),
};

export type LimitFlags = Interfaces.InferredFlags<typeof limitFlags>;

export const resourceFlags = {
  ...limitFlags,
  'cgroup-parent': Flags.string({
    description: "slice, or cgroup, that the container's is made below",
    helpValue: 'PATH',
  }),
  cgroupns: namespace('--cgroupns')({
    description: 'cgroup namespace: private, host, container:NAME or ns:PATH',
    helpValue: 'MODE',
  }),
  cgroups: Flags.string({
    description: 'whether the container has a cgroup of its own',
    options: ['enabled', 'disabled', 'no-conmon', 'split'],
    default: 'enabled',
    helpValue: 'MODE',
  }),
  'shm-size': parsed(parseBytes)({ description: 'size of /dev/shm', helpValue: 'SIZE' }),
};
