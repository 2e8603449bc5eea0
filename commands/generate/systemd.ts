import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { dirname, join } from 'node:path';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { list, parsed } from '../../src/cli/flag.ts';
import { writeError, writeOut } from '../../src/cli/output.ts';
import { programVersion } from '../../src/cli/program.ts';
import { runArguments } from '../../src/cli/run-arguments.ts';
import { writeUserFile } from '../../src/cli/user-file.ts';
import { findContainer } from '../../src/engine/list.ts';
import { UsageError } from '../../src/errors.ts';
import type { ContainerConfig } from '../../src/model/container-config.ts';
import type { RestartPolicy } from '../../src/model/restart-policy.ts';
import { parseSeconds } from '../../src/model/duration.ts';
import { resolveVariable } from '../../src/model/environment.ts';
import { parseUnitName } from '../../src/model/unit-name.ts';
import { systemdUnit } from '../../src/quadlet/systemd-unit.ts';
import Run from '../run.ts';

const POLICIES = ['no', 'on-success', 'on-failure', 'on-abnormal', 'on-watchdog', 'on-abort', 'always'];

export default class GenerateSystemd extends BaseCommand {
  static override description = 'write a unit that lets systemd look after a container';
  static override usage = 'generate systemd [OPTIONS] CONTAINER';
  static override examples = [
    'tspod generate systemd --new --files --name web && systemctl --user link ./container-web.service',
  ];
  static override args = {
    container: Args.string({ required: true, description: 'name, id, or the beginning of an id' }),
  };
  static override flags = {
    after: parsed(parseUnitName)({ description: 'unit that is started before', helpValue: 'UNIT', ...list }),
    'container-prefix': Flags.string({
      description: 'first part of the name of the unit',
      default: 'container',
      helpValue: 'TEXT',
    }),
    env: Flags.string({
      char: 'e',
      multiple: true,
      description: 'environment variable of the unit; without a value, the one it has here',
      helpValue: 'NAME=VALUE',
    }),
    files: Flags.boolean({ char: 'f', description: 'write the unit to a file here and print its path' }),
    format: Flags.string({
      description: 'with "json", print names and texts as JSON',
      options: ['json'],
      helpValue: 'FORMAT',
    }),
    name: Flags.boolean({ char: 'n', description: 'name the unit after the container, not its id' }),
    new: Flags.boolean({ description: 'make a new container at each start and remove it at the end' }),
    'no-header': Flags.boolean({ description: 'no comment with version and date at the top' }),
    requires: parsed(parseUnitName)({ description: 'unit without which it does not run', helpValue: 'UNIT', ...list }),
    'pod-prefix': Flags.string({
      description: 'first part of the names of units of pods, which there are none of',
      helpValue: 'TEXT',
    }),
    'restart-policy': Flags.string({
      description: "when systemd starts it again (on-failure, or with --new what the container's --restart says)",
      options: POLICIES,
      helpValue: 'POLICY',
    }),
    'restart-sec': parsed(parseSeconds)({
      description: 'how long systemd waits before it starts it again',
      helpValue: 'SECONDS',
    }),
    separator: Flags.string({
      description: "what stands between the parts of the unit's name",
      default: '-',
      helpValue: 'TEXT',
    }),
    'start-timeout': parsed(parseSeconds)({ description: 'how long a start may take', helpValue: 'SECONDS' }),
    'stop-timeout': parsed(parseSeconds)({
      char: 't',
      aliases: ['time', 'timeout'],
      description: 'how long the container may take to end before it is killed',
      helpValue: 'SECONDS',
    }),
    template: Flags.boolean({ description: 'write a unit for many services, each with a container of its own' }),
    wants: parsed(parseUnitName)({ description: 'unit that is started along with it', helpValue: 'UNIT', ...list }),
  };

  async run(): Promise<void> {
    const { flags, given, argv } = await this.parse(GenerateSystemd);
    if (flags.template && given.has('new') && !flags.new) {
      throw new UsageError('--template cannot be set with --new=false', {
        remedy: 'Leave out one of them: each service of a template makes a container of its own.',
      });
    }
    const isNew = flags.new || flags.template;
    const { config } = findContainer(argv[0] ?? '');
    const name = unitName(config, flags);
    if (!isNew && config.restart.name !== 'no') {
      writeError(
        `Warning: the container "${config.name}" has the restart policy "${config.restart.name}", and systemd would start it, too: make it without --restart\n`,
      );
    }
    const text = systemdUnit({
      name,
      container: isNew ? undefined : flags.name ? config.name : config.id,
      run: runArguments(config, Run.flags),
      isTemplate: flags.template,
      program: join(dirname(process.argv[1] ?? ''), 'tspod'),
      ...restartOf(flags['restart-policy'], isNew ? config.restart : { name: 'no' }),
      restartSec: flags['restart-sec'],
      startTimeout: flags['start-timeout'],
      stopTimeout: flags['stop-timeout'] ?? config.stopTimeout,
      wants: flags.wants ?? [],
      after: flags.after ?? [],
      requires: flags.requires ?? [],
      environment: (flags.env ?? []).flatMap((text) => resolveVariable(unquote(text), process.env)),
      header: flags['no-header'] ? [] : [`autogenerated by tspod ${programVersion}`, new Date().toUTCString()],
    });
    this.deliver({ name, file: `${name}${flags.template ? '@' : ''}.service`, text }, flags);
  }

  private deliver(
    { name, file, text }: { readonly name: string; readonly file: string; readonly text: string },
    { files, format }: { readonly files: boolean; readonly format: string | undefined },
  ): void {
    const path = join(process.cwd(), file);
    if (files) writeUserFile(path, text, 'the unit');
    if (format === 'json') this.log(JSON.stringify({ [name]: files ? path : text }, null, 2));
    else writeOut(files ? `${path}\n` : text);
  }
}

/** Podman writes `'A=b'` into the unit as it is, where the quotes are systemd's: what drives it may give some along. */
function unquote(text: string): string {
  return text.replace(/^(['"])(.*)\1$/s, '$2');
}

/** @throws {UsageError} when systemd takes no such name */
function unitName(
  { name, id }: ContainerConfig,
  flags: { readonly 'container-prefix': string; readonly name: boolean; readonly separator: string },
): string {
  const parts = [flags['container-prefix'], flags.name ? name : id];
  const unit = parts.filter((part) => part !== '').join(flags.separator);
  if (/^[\w:.@-]+$/.test(unit)) return unit;
  throw new UsageError(`"${unit}" cannot be the name of a unit`, {
    remedy: 'Use letters, digits, and : - _ . @: --container-prefix=web --separator=-',
  });
}

/** What the container would do by itself, systemd does instead, unless the user says otherwise. */
function restartOf(
  asked: string | undefined,
  policy: RestartPolicy,
): { readonly restartPolicy: string; readonly startLimit?: number } {
  if (asked !== undefined) return { restartPolicy: asked };
  if (policy.name === 'no') return { restartPolicy: 'on-failure' };
  if (policy.name !== 'on-failure') return { restartPolicy: 'always' };
  return { restartPolicy: 'on-failure', ...(policy.maxRetries > 0 ? { startLimit: policy.maxRetries } : {}) };
}
