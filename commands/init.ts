import { BaseCommand } from '../src/cli/base-command.ts';
import { actOnContainers } from '../src/cli/container-selection.ts';
import { containerArgs, selectionFlags } from '../src/cli/selection-flags.ts';
import { findContainers } from '../src/engine/list.ts';
import { initContainer } from '../src/engine/start.ts';

export default class Init extends BaseCommand {
  static override description = 'prepare containers for a start, without starting them';
  static override aliases = ['container:init'];
  static override usage = 'init [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod init web'];
  static override args = containerArgs;
  static override flags = selectionFlags;

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Init);
    await actOnContainers(
      argv,
      flags,
      { called: this.called, find: findContainers, among: ({ status }) => status === 'created' },
      ({ config }) => initContainer(config.id),
    );
  }
}
