import { BaseCommand } from '../src/cli/base-command.ts';
import { actOnContainers } from '../src/cli/container-selection.ts';
import { actionFlags, containerArgs } from '../src/cli/selection-flags.ts';
import { findContainers, findImageIds } from '../src/engine/list.ts';
import { unpauseContainer } from '../src/engine/pause.ts';

export default class Unpause extends BaseCommand {
  static override description = 'let the processes of paused containers go on';
  static override aliases = ['container:unpause'];
  static override usage = 'unpause [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod unpause web', 'tspod unpause --all'];
  static override args = containerArgs;
  static override flags = actionFlags;

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Unpause);
    await actOnContainers(
      argv,
      flags,
      { called: this.called, find: findContainers, findImageIds, among: ({ status }) => status === 'paused' },
      unpauseContainer,
    );
  }
}
