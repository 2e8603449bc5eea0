import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { actOnContainers } from '../../src/cli/container-selection.ts';
import { ignored } from '../../src/cli/flag.ts';
import { containerArgs, selectionFlags } from '../../src/cli/selection-flags.ts';
import { cleanUpContainer } from '../../src/engine/remove.ts';
import { findContainers } from '../../src/engine/list.ts';
import { isDown } from '../../src/model/container-status.ts';

export default class ContainerCleanup extends BaseCommand {
  static override description = 'remove what containers that have ended left in the runtime directory';
  static override usage = 'container cleanup [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod container cleanup --all', 'tspod container cleanup --rm --rmi job'];
  static override args = containerArgs;
  static override flags = {
    ...selectionFlags,
    exec: Flags.string(ignored),
    rm: Flags.boolean({ description: 'remove the container, too' }),
    rmi: Flags.boolean({ description: 'remove the container and its image, too' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ContainerCleanup);
    await actOnContainers(
      argv,
      flags,
      {
        called: this.called,
        find: findContainers,
        among: ({ status }) => isDown(status),
      },
      async (container) => {
        await cleanUpContainer(container, { remove: flags.rm || flags.rmi });
        if (!flags.rmi || !('image' in container.config.root)) return;
        const { removeImages } = await import('../../src/engine/images/remove-images.ts');
        const [result] = await removeImages([container.config.root.image.name], { force: false, ignore: true });
        if (result?.error !== undefined) throw result.error as Error;
      },
    );
  }
}
