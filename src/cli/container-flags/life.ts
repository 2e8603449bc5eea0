/** How a container comes, ends and is named; its image and its log. */
import * as Flags from '@oclif/core/flags';
import { parseContainerName } from '../../model/container-name.ts';
import { parseSeconds } from '../../model/duration.ts';
import { parseAnnotation } from '../../model/key-value.ts';
import { DEFAULT_LOG_DRIVER, LOG_DRIVERS } from '../../model/log.ts';
import { parseRestartPolicy } from '../../model/restart-policy.ts';
import { parseSignal } from '../../model/signal.ts';
import { each, list, parsed, PULL_POLICIES, word } from '../flag.ts';
import { connectionFlags, platformFlags, retryFlags } from '../registry-flags.ts';

export const lifeFlags = {
  annotation: parsed(parseAnnotation)({
    description: 'annotation of the OCI runtime specification',
    helpValue: 'KEY=VALUE',
    ...list,
  }),
  attach: word()({
    char: 'a',
    description: 'stream to attach to, instead of all',
    options: ['stdin', 'stdout', 'stderr'],
    helpValue: 'STREAM',
    ...list,
  }),
  authfile: Flags.string({ description: 'file with the credentials for registries', helpValue: 'FILE' }),
  'cert-dir': connectionFlags['cert-dir'],
  cidfile: Flags.string({
    description: "write the container's id to a new file, which goes with the container",
    helpValue: 'FILE',
  }),
  'conmon-pidfile': Flags.string({ description: "write the monitor's process id to a file", helpValue: 'FILE' }),
  creds: Flags.string({
    description: 'user and password for the registry of the image; what is left out is asked for',
    helpValue: 'USER[:PASSWORD]',
  }),
  label: Flags.string({ char: 'l', description: 'label of the container', helpValue: 'KEY=VALUE', ...each }),
  'label-file': Flags.string({ description: 'read labels from a file, one a line', helpValue: 'FILE', ...each }),
  'log-driver': Flags.string({
    description: 'where output goes',
    options: LOG_DRIVERS,
    default: DEFAULT_LOG_DRIVER,
    helpValue: 'DRIVER',
  }),
  'log-opt': Flags.string({
    description: 'option of the log: path=FILE, max-size=SIZE, max-file=NUMBER, tag=TEXT',
    helpValue: 'OPTION',
    ...list,
  }),
  name: parsed(parseContainerName)({ description: 'name of the container; a random one otherwise', helpValue: 'NAME' }),
  ...platformFlags,
  pidfile: Flags.string({ description: "write the first process's id to a file", helpValue: 'FILE' }),
  pull: word(PULL_POLICIES)({
    description: 'when to pull the image',
    options: ['always', 'missing', 'never', 'newer'],
    default: 'missing',
    helpValue: 'POLICY',
  }),
  quiet: Flags.boolean({ char: 'q', description: 'no words about the progress of a pull' }),
  replace: Flags.boolean({ description: 'remove a container that has the name' }),
  requires: Flags.string({
    description: 'containers that are started before this one',
    helpValue: 'CONTAINER',
    ...list,
  }),
  restart: parsed(parseRestartPolicy)({
    description: 'when to start again after an exit: no, always, unless-stopped, on-failure[:TIMES]',
    helpValue: 'POLICY',
  }),
  ...retryFlags,
  rm: Flags.boolean({ description: 'remove the container, and its anonymous volumes, after the exit' }),
  sdnotify: Flags.string({
    description: 'who tells systemd that the service is ready',
    options: ['container', 'conmon', 'ignore'],
    default: 'container',
    helpValue: 'MODE',
  }),
  'stop-signal': parsed(parseSignal)({ description: 'signal that asks the process to end', helpValue: 'SIGNAL' }),
  'stop-timeout': parsed(parseSeconds)({
    description: 'how long it may take to end, in seconds, before it is killed',
    helpValue: 'SECONDS',
  }),
  systemd: word()({
    description: 'make the container ready for systemd as its first process: when it is (true), never or always',
    options: ['true', 'false', 'always'],
    default: 'true',
    helpValue: 'MODE',
  }),
  timeout: parsed(parseSeconds)({
    description: 'how long it may run, in seconds, before it is killed; 0 is for ever',
    helpValue: 'SECONDS',
  }),
  'tls-verify': Flags.boolean({ description: 'demand HTTPS with a valid certificate of registries', default: true }),
};
