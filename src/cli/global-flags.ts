/** Options that stand before or after any command. */
import * as Flags from '@oclif/core/flags';

const IGNORED = 'accepted for the sake of scripts written for Podman; it changes nothing';

export const globalFlags = {
  help: Flags.boolean({ description: 'show what the command does and its options' }),
  root: Flags.string({ description: 'directory of the store: images, containers, volumes', helpValue: 'PATH' }),
  runroot: Flags.string({ description: 'directory of what need not survive a boot', helpValue: 'PATH' }),
  'storage-driver': Flags.string({
    description: 'how root file systems are put together; "auto" takes the fastest that works here',
    options: ['auto', 'overlay', 'fuse-overlayfs', 'vfs'],
    helpValue: 'DRIVER',
  }),
  'storage-opt': Flags.string({ description: IGNORED, helpValue: 'OPTION', multiple: true, hidden: true }),
  'cgroup-manager': Flags.string({
    description: 'who makes the cgroups of containers; "cgroupfs" never asks systemd',
    options: ['systemd', 'cgroupfs'],
    helpValue: 'MANAGER',
  }),
  'log-level': Flags.string({
    description: 'how much to say about what is done; "debug" also shows where an error arose',
    options: ['trace', 'debug', 'info', 'warn', 'warning', 'error', 'fatal', 'panic'],
    helpValue: 'LEVEL',
  }),
  debug: Flags.boolean({ char: 'D', description: 'the same as --log-level=debug', hidden: true }),
  config: Flags.string({ description: IGNORED, helpValue: 'PATH', hidden: true }),
  'events-backend': Flags.string({ description: IGNORED, helpValue: 'BACKEND', hidden: true }),
  runtime: Flags.string({ description: IGNORED, helpValue: 'PATH', hidden: true }),
  'runtime-flag': Flags.string({ description: IGNORED, helpValue: 'FLAG', multiple: true, hidden: true }),
  conmon: Flags.string({ description: IGNORED, helpValue: 'PATH', hidden: true }),
  'network-config-dir': Flags.string({ description: IGNORED, helpValue: 'PATH', hidden: true }),
  'network-cmd-path': Flags.string({ description: IGNORED, helpValue: 'PATH', hidden: true }),
  tmpdir: Flags.string({ description: IGNORED, helpValue: 'PATH', hidden: true }),
  syslog: Flags.boolean({ description: IGNORED, hidden: true }),
};

/** Only before a command: after it, `-v` is a volume. */
export const versionFlag = { version: Flags.boolean({ char: 'v', description: 'print the version' }) };
