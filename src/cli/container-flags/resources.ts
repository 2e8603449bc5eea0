/** What a container may use: its cgroup. */
import type { Interfaces } from '@oclif/core';
import * as Flags from '@oclif/core/flags';
import { parseBytes, parseBytesOrUnlimited } from '../../model/bytes.ts';
import { parseDeviceBytes, parseDeviceOperations, parseDeviceWeight } from '../../model/device-limit.ts';
import { parseCgroupSetting } from '../../model/key-value.ts';
import { parseCpus, parseCpuset } from '../../model/numbers.ts';
import { each, integer, limit, list, namespace, parsed } from '../flag.ts';

const NO_SETTING = {
  description: 'accepted for the sake of scripts written for Podman: cgroup v2 has no such setting',
  hidden: true,
} as const;

/** What `update` can change while the container runs. */
export const limitFlags = {
  'blkio-weight': limit(
    10,
    1000,
  )({
    description: 'weight among others when a disk is busy, from 10 to 1000; 0 is the usual one',
    helpValue: 'WEIGHT',
  }),
  'blkio-weight-device': parsed(parseDeviceWeight)({
    description: 'the same for one device: /dev/sda:500',
    helpValue: 'DEVICE:WEIGHT',
    ...list,
  }),
  'cpu-period': limit(
    1000,
    1_000_000,
  )({ description: 'length of the period that --cpu-quota counts for, in microseconds; 0 is 100000', helpValue: 'US' }),
  'cpu-quota': limit(1000, undefined, ['0', '-1'])({
    description: 'CPU time each period, in microseconds; 0 and -1 are unlimited',
    helpValue: 'US',
  }),
  'cpu-shares': limit(1)({
    char: 'c',
    description: 'weight among others when CPU time is short; the kernel has room for 2 to 262144, 0 is the usual 1024',
    helpValue: 'NUMBER',
  }),
  cpus: parsed(parseCpus)({ description: 'how many CPUs it may keep busy', helpValue: 'NUMBER' }),
  'cpu-rt-period': integer(0)(NO_SETTING),
  'cpu-rt-runtime': integer(0)(NO_SETTING),
  'cpuset-cpus': parsed(parseCpuset)({ description: 'CPUs it may run on: 0-3,5', helpValue: 'CPUS' }),
  'cpuset-mems': parsed(parseCpuset)({ description: 'memory nodes it may use: 0,1', helpValue: 'NODES' }),
  'device-read-bps': parsed(parseDeviceBytes)({
    description: 'how much it may read from a device each second: /dev/sda:1mb',
    helpValue: 'DEVICE:SIZE',
    ...list,
  }),
  'device-read-iops': parsed(parseDeviceOperations)({
    description: 'how often it may read from a device each second: /dev/sda:1000',
    helpValue: 'DEVICE:COUNT',
    ...list,
  }),
  'device-write-bps': parsed(parseDeviceBytes)({
    description: 'how much it may write to a device each second: /dev/sda:1mb',
    helpValue: 'DEVICE:SIZE',
    ...list,
  }),
  'device-write-iops': parsed(parseDeviceOperations)({
    description: 'how often it may write to a device each second: /dev/sda:1000',
    helpValue: 'DEVICE:COUNT',
    ...list,
  }),
  memory: parsed(parseBytes)({ char: 'm', description: 'memory limit', helpValue: 'SIZE' }),
  'memory-reservation': parsed(parseBytes)({ description: 'memory that is not reclaimed from it', helpValue: 'SIZE' }),
  'memory-swap': parsed(parseBytesOrUnlimited)({
    description: 'limit of memory and swap together; -1 is unlimited, 0 twice the memory',
    helpValue: 'SIZE',
  }),
  'memory-swappiness': integer(
    -1,
    100,
  )({ description: 'cgroup v2 has no such setting: only -1, the default, is accepted', helpValue: 'NUMBER' }),
  'pids-limit': integer(-1)({ description: 'limit of processes and threads; -1 is unlimited', helpValue: 'COUNT' }),
};

export type LimitFlags = Interfaces.InferredFlags<typeof limitFlags>;

export const resourceFlags = {
  ...limitFlags,
  'cgroup-conf': parsed(parseCgroupSetting)({
    description: 'write to a file of cgroup v2: memory.high=1073741824',
    helpValue: 'FILE=VALUE',
    ...each,
  }),
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
  'kernel-memory': Flags.string(NO_SETTING),
  'oom-kill-disable': Flags.boolean({ description: 'cgroup v2 has no such setting: refused' }),
  'shm-size': parsed(parseBytes)({ description: 'size of /dev/shm', helpValue: 'SIZE' }),
};
