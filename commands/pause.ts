import { BaseCommand } from '../src/cli/base-command.ts';
import { actOnContainers } from '../src/cli/container-selection.ts';
import { actionFlags, containerArgs } from '../src/cli/selection-flags.ts';
import { findContainers, findImageIds } from '../src/engine/list.ts';
import { pauseContainer } from '../src/engine/pause.ts';

export default class Pause extends BaseCommand {
  static override description = 'freeze all processes of containers';
  static override aliases = ['container:pause'];
  static override usage = 'pause [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod pause web', 'tspod pause --all'];
  static override args = containerArgs;
  static override flags = actionFlags;

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Pause);
    await actOnContainers(
      argv,
      flags,
      { called: this.called, find: findContainers, findImageIds, among: ({ status }) => status === 'running' },
      pauseContainer,
    );
  }
}
