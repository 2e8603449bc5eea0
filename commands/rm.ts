import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { cidfileFlag, containerArgs, readSelection, selectionFlags } from '../src/cli/container-selection.ts';
import { parsed } from '../src/cli/flag.ts';
import { reportError } from '../src/cli/report.ts';
import { findContainers, type Container } from '../src/engine/list.ts';
import { removeContainers } from '../src/engine/remove.ts';
import { NotFoundError } from '../src/errors.ts';
import { parseSeconds } from '../src/model/duration.ts';

export default class Rm extends BaseCommand {
  static override description = 'remove containers';
  static override aliases = ['container:rm'];
  static override usage = 'rm [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod rm web', 'tspod rm --force --all'];
  static override args = containerArgs;
  static override flags = {
    ...selectionFlags,
    ...cidfileFlag,
    force: Flags.boolean({
      char: 'f',
      description: 'stop a container that runs; no error for one that does not exist',
    }),
    ignore: Flags.boolean({ char: 'i', description: 'no error for a container that does not exist' }),
    time: parsed(parseSeconds)({
      char: 't',
      description: 'with --force, how long a container may take to end before it is killed, in seconds',
      helpValue: 'SECONDS',
    }),
    volumes: Flags.boolean({ char: 'v', description: 'remove the anonymous volumes of the containers, too' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Rm);
    const { names, all, latest } = readSelection(argv, flags, 'tspod rm');
    const named = new Map<string, string>();
    const containers =
      all || latest ? findContainers([], { all, latest }) : this.find(names, named, flags.force || flags.ignore);
    const { force, volumes, time } = flags;
    for (const { container, error } of await removeContainers(containers, { force, volumes, timeoutSeconds: time })) {
      if (error === undefined) this.log(named.get(container.config.id) ?? container.config.id);
      else process.exitCode = reportError(error, process.env);
    }
  }

  /** Each container once, and how the user named it; one that does not exist is reported, with Podman's status 1. */
  private find(names: readonly string[], named: Map<string, string>, ignore: boolean): Container[] {
    return names.flatMap((name) => {
      try {
        return findContainers([name]).filter(({ config }) => {
          const isNew = !named.has(config.id);
          named.set(config.id, name);
          return isNew;
        });
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
        if (ignore) return [];
        reportError(error, process.env);
        process.exitCode = 1;
        return [];
      }
    });
  }
}
