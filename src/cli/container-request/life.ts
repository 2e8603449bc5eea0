/** How a container of `run` and `create` comes and ends, as container-flags/life.ts has it. */
import { resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { ContainerRequest } from '../../model/container-request.ts';
import { endsByItself } from '../../model/restart-policy.ts';
import type { ContainerFlags } from '../container-flags.ts';

/**
 * @param given the flags that stood on the command line
 * @throws {UsageError} when flags contradict each other
 */
export function collectLife(flags: ContainerFlags, given: ReadonlySet<string>) {
  return {
    remove: flags.rm,
    restart: restartOf(flags),
    stopSignal: flags['stop-signal'],
    stopTimeout: flags['stop-timeout'],
    lifetime: flags.timeout === 0 ? undefined : flags.timeout,
    requires: flags.requires ?? [],
    cidfile: flags.cidfile,
    pidfile: flags.pidfile === undefined ? undefined : resolve(flags.pidfile),
    monitorPidfile: flags['conmon-pidfile'] === undefined ? undefined : resolve(flags['conmon-pidfile']),
    systemd: flags.systemd as ContainerRequest['systemd'],
    systemdNotify: given.has('sdnotify') ? (flags.sdnotify as ContainerRequest['systemdNotify']) : undefined,
  };
}

function restartOf({ restart, rm }: ContainerFlags): ContainerRequest['restart'] {
  if (rm && restart !== undefined && !endsByItself(restart)) {
    throw new UsageError(`--rm and --restart=${restart.name} exclude each other: one removes what the other keeps`, {
      remedy: 'Leave out one of them, or restart what fails: --restart=on-failure',
    });
  }
  return restart;
}
