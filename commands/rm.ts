import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { selectContainers } from '../src/cli/container-selection.ts';
import { ignored, parsed } from '../src/cli/flag.ts';
import { reportError } from '../src/cli/report.ts';
import { cidfileFlag, containerArgs, ignoreFlag, longFilterFlag, selectionFlags } from '../src/cli/selection-flags.ts';
import { findContainers, findImageIds, listDamagedContainers } from '../src/engine/list.ts';
import { removeContainers, removeDamagedContainer } from '../src/engine/remove.ts';
import { DamagedContainerError, UsageError } from '../src/errors.ts';
import type { ContainerId } from '../src/model/container-config.ts';
import { parseSecondsOrForever } from '../src/model/duration.ts';

export default class Rm extends BaseCommand {
  static override description = 'remove containers';
  static override aliases = ['container:rm'];
  static override usage = 'rm [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod rm web', 'tspod rm --force --all', 'tspod rm --filter status=exited'];
  static override args = containerArgs;
  static override flags = {
    ...selectionFlags,
    ...cidfileFlag,
    ...longFilterFlag,
    ...ignoreFlag,
    depend: Flags.boolean({ description: 'remove the containers that need one of these, too' }),
    force: Flags.boolean({
      char: 'f',
      description: 'stop a container that runs; no error for one that does not exist',
    }),
    storage: Flags.boolean(ignored),
    time: parsed(parseSecondsOrForever)({
      char: 't',
      description: 'with --force, how long a container may take to end before it is killed, in seconds; -1 is for ever',
      helpValue: 'SECONDS',
    }),
    volumes: Flags.boolean({ char: 'v', description: 'remove the anonymous volumes of the containers, too' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Rm);
    const { depend, force, volumes, time } = flags;
    if (time !== undefined && !force) {
      throw new UsageError('--force option must be specified to use the --time option', {
        remedy: 'Add --force, or leave out --time.',
      });
    }
    const damaged: ContainerId[] = force && flags.all && !flags.filter?.length ? listDamagedContainers() : [];
    const find: typeof findContainers = (names, selection) => {
      try {
        return findContainers(names, selection);
      } catch (error) {
        if (!force || names.length === 0 || !(error instanceof DamagedContainerError)) throw error;
        damaged.push(error.id as ContainerId);
        return [];
      }
    };
    const selected = await selectContainers(
      argv,
      { ...flags, ignore: flags.ignore || force },
      { called: this.called, find, findImageIds, missingStatus: 1 },
    );
    for (const id of damaged) {
      await removeDamagedContainer(id);
      this.log(id);
    }
    const results = await removeContainers(
      selected.map(({ container }) => container),
      { depend, force, volumes, timeoutSeconds: time },
    );
    const names = new Map(selected.map(({ container, named }) => [container.config.id, named]));
    for (const { container, error } of results) {
      if (error === undefined) this.log(names.get(container.config.id) ?? container.config.id);
      else process.exitCode = reportError(error, process.env);
    }
  }
}
