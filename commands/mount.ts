import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { selectContainers } from '../src/cli/container-selection.ts';
import { checkMountFormat, formatMounts, mountFlags } from '../src/cli/views/mount-view.ts';
import { writeOut } from '../src/cli/output.ts';
import { forEachReporting } from '../src/cli/report.ts';
import { containerArgs, latestFlag } from '../src/cli/selection-flags.ts';
import { findContainers } from '../src/engine/list.ts';
import { mountContainer, mountedContainers, requireUnshare, type Mounted } from '../src/engine/mount.ts';

export default class Mount extends BaseCommand {
  static override description = 'mount root file systems of containers inside "tspod unshare"';
  static override usage = 'mount [OPTIONS] [CONTAINER...]';
  static override aliases = ['container:mount'];
  static override examples = ["tspod unshare sh -c 'ls $(tspod mount web)'"];
  static override args = containerArgs;
  static override flags = {
    ...mountFlags,
    ...latestFlag,
    notruncate: Flags.boolean({ description: 'ids in full', aliases: ['no-trunc'] }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Mount);
    checkMountFormat(flags.format);
    requireUnshare('tspod mount');
    const { all, latest, format, notruncate: full } = flags;
    if (argv.length === 0 && !all && !latest) {
      writeOut(formatMounts(mountedContainers(), { format, full }));
      return;
    }
    const selected = await selectContainers(argv, { all, latest }, { called: this.called, find: findContainers });
    const mounted: Mounted[] = [];
    await forEachReporting(selected, async ({ container }) => {
      mounted.push(await mountContainer(container));
    });
    writeOut(formatMounts(mounted, { format, full, isOne: argv.length === 1 || latest }));
  }
}
