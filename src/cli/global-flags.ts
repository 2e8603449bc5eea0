/** Options that stand before or after any command. */
import * as Flags from '@oclif/core/flags';
import { parseLogLevel } from '../model/log-level.ts';
import { ignored, parsed, refused } from './flag.ts';

/** Why Podman's ways to another machine lead nowhere. */
export const NO_SERVICE = 'there is no daemon, so no service to reach';
export const OVER_SSH = 'Over ssh: ssh HOST tspod ps';

export const globalFlags = {
  help: Flags.boolean({ description: 'show what the command does and its options' }),
  root: Flags.string({ description: 'directory of the store: images, containers, volumes', helpValue: 'PATH' }),
  runroot: Flags.string({ description: 'directory of what need not survive a boot', helpValue: 'PATH' }),
  'storage-driver': Flags.string({
    description: 'how root file systems are put together; "auto" takes the fastest that works here',
    options: ['auto', 'overlay', 'fuse-overlayfs', 'vfs'],
    helpValue: 'DRIVER',
  }),
  'storage-opt': Flags.string({ ...ignored, helpValue: 'OPTION', multiple: true }),
  'cgroup-manager': Flags.string({
    description: 'who makes the cgroups of containers; "cgroupfs" never asks systemd',
    options: ['systemd', 'cgroupfs'],
    helpValue: 'MANAGER',
  }),
  'log-level': parsed(parseLogLevel)({
    description: 'with "debug" or "trace" an error shows where it arose; "info" to "panic" change nothing',
    helpValue: 'LEVEL',
  }),
  debug: Flags.boolean({ char: 'D', description: 'the same as --log-level=debug', hidden: true }),
  config: Flags.string({ ...ignored, helpValue: 'PATH' }),
  'events-backend': Flags.string({ ...ignored, helpValue: 'BACKEND' }),
  runtime: Flags.string({ ...ignored, helpValue: 'PATH' }),
  'runtime-flag': Flags.string({ ...ignored, helpValue: 'FLAG', multiple: true }),
  conmon: Flags.string({ ...ignored, helpValue: 'PATH' }),
  'network-config-dir': Flags.string({ ...ignored, helpValue: 'PATH' }),
  'network-cmd-path': Flags.string({ ...ignored, helpValue: 'PATH' }),
  tmpdir: Flags.string({ ...ignored, helpValue: 'PATH' }),
  syslog: Flags.boolean(ignored),
  ssh: Flags.string({ ...ignored, helpValue: 'MODE' }),
  remote: Flags.boolean({ description: `no more than --remote=false: ${NO_SERVICE}`, hidden: true }),
  connection: refused(NO_SERVICE, OVER_SSH),
  identity: refused(NO_SERVICE, OVER_SSH),
  url: refused(NO_SERVICE, OVER_SSH),
};

/** Only before a command: after it, `-v` is a volume. */
export const versionFlag = { version: Flags.boolean({ char: 'v', description: 'print the version' }) };
