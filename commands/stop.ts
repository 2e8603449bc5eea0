import { BaseCommand } from '../src/cli/base-command.ts';
import { actOnContainers } from '../src/cli/container-selection.ts';
import { actionFlags, containerArgs, ignoreFlag, stopTimeFlag } from '../src/cli/selection-flags.ts';
import { findContainers, findImageIds } from '../src/engine/list.ts';
import { stopContainer } from '../src/engine/stop.ts';

export default class Stop extends BaseCommand {
  static override description = 'stop running containers';
  static override aliases = ['container:stop'];
  static override usage = 'stop [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod stop web', 'tspod stop --all --time 2'];
  static override args = containerArgs;
  static override flags = { ...actionFlags, ...ignoreFlag, ...stopTimeFlag };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Stop);
    await actOnContainers(
      argv,
      flags,
      {
        called: this.called,
        find: findContainers,
        findImageIds,
        among: ({ status }) => status !== 'paused',
        together: true,
      },
      (container) => stopContainer(container, { timeoutSeconds: flags.time }),
    );
  }
}
