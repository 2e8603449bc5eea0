import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { actOnContainers } from '../src/cli/container-selection.ts';
import { actionFlags, containerArgs, stopTimeFlag } from '../src/cli/selection-flags.ts';
import { findContainers, findImageIds } from '../src/engine/list.ts';
import { restartContainer } from '../src/engine/restart.ts';

export default class Restart extends BaseCommand {
  static override description = 'stop containers and start them again';
  static override aliases = ['container:restart'];
  static override usage = 'restart [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod restart web', 'tspod restart --running'];
  static override args = containerArgs;
  static override flags = {
    ...actionFlags,
    running: Flags.boolean({ description: 'all containers that run' }),
    ...stopTimeFlag,
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Restart);
    await actOnContainers(
      argv,
      { ...flags, all: flags.all || flags.running },
      {
        called: this.called,
        find: findContainers,
        findImageIds,
        among: ({ status }) => !flags.running || status === 'running',
      },
      (container) => restartContainer(container, { timeoutSeconds: flags.time }),
    );
  }
}
