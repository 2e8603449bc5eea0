import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { actOnContainers } from '../src/cli/container-selection.ts';
import { containerArgs, selectionFlags } from '../src/cli/selection-flags.ts';
import { findContainers } from '../src/engine/list.ts';
import { isInUnshare, mountedContainers, requireUnshare, unmount } from '../src/engine/mount.ts';
import { TspodError } from '../src/errors.ts';

export default class Unmount extends BaseCommand {
  static override description = 'unmount root file systems of containers';
  static override usage = 'unmount [OPTIONS] CONTAINER [CONTAINER...]';
  static override aliases = ['umount', 'container:unmount', 'container:umount'];
  static override examples = ['tspod unshare tspod unmount web', 'tspod unshare tspod unmount --all'];
  static override args = containerArgs;
  static override flags = {
    ...selectionFlags,
    force: Flags.boolean({ char: 'f', description: 'also what is in use, but not what is being written' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Unmount);
    if (flags.all && argv.length === 0 && !isInUnshare()) return; // What is mounted in a session is seen there alone.
    requireUnshare('tspod unmount');
    const mounts = new Map(mountedContainers().map((mount) => [mount.id, mount]));
    await actOnContainers(
      argv,
      flags,
      { called: this.called, find: findContainers, among: ({ config }) => mounts.has(config.id) },
      async ({ config: { id, name } }) => {
        const mounted = mounts.get(id);
        if (mounted === undefined)
          throw new TspodError(`the container "${name}" is not mounted`, { remedy: 'tspod mount' });
        await unmount(mounted, `container "${name}"`, flags);
      },
    );
  }
}
