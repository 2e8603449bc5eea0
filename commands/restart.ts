import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import {
  actOnContainers,
  cidfileFlag,
  containerArgs,
  filterFlag,
  selectionFlags,
} from '../src/cli/container-selection.ts';
import { parsed } from '../src/cli/flag.ts';
import { findContainers } from '../src/engine/list.ts';
import { restartContainer } from '../src/engine/restart.ts';
import { parseSeconds } from '../src/model/duration.ts';

export default class Restart extends BaseCommand {
  static override description = 'stop containers and start them again';
  static override aliases = ['container:restart'];
  static override usage = 'restart [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod restart web', 'tspod restart --running'];
  static override args = containerArgs;
  static override flags = {
    ...selectionFlags,
    ...cidfileFlag,
    ...filterFlag,
    running: Flags.boolean({ description: 'all containers that run' }),
    time: parsed(parseSeconds)({
      char: 't',
      aliases: ['timeout'],
      description: 'how long a container may take to end before it is killed, in seconds',
      helpValue: 'SECONDS',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Restart);
    await actOnContainers(
      argv,
      { ...flags, all: flags.all || flags.running },
      {
        called: this.called,
        find: findContainers,
        among: ({ status }) => !flags.running || status === 'running',
      },
      (container) => restartContainer(container, { timeoutSeconds: flags.time }),
    );
  }
}
