import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { humanSize } from '../../src/cli/human.ts';
import { pruneFilter } from '../../src/cli/prune-filter.ts';
import { isAgreed, pruneFlags } from '../../src/cli/prune-flags.ts';
import { reportError } from '../../src/cli/report.ts';
import { pruneContainers, pruneImages, pruneVolumes, type Pruned } from '../../src/engine/prune.ts';

export default class SystemPrune extends BaseCommand {
  static override description = 'remove containers, images and volumes that nothing uses';
  static override usage = 'system prune [OPTIONS]';
  static override examples = ['tspod system prune', 'tspod system prune --all --volumes --force'];
  static override flags = {
    ...pruneFlags,
    all: Flags.boolean({ char: 'a', description: 'all images that no container uses, not only those without a name' }),
    volumes: Flags.boolean({ description: 'volumes that no container uses, too' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SystemPrune);
    const isWanted = pruneFilter(flags.filter ?? [], Date.now());
    const lines = [
      'This command removes:',
      '\t- all stopped containers',
      flags.all ? '\t- all images without at least one container associated with them' : '\t- all dangling images',
      ...(flags.volumes ? ['\t- all volumes not used by at least one container'] : []),
    ];
    if (!(await isAgreed(flags, lines.join('\n')))) return;
    const reclaimed = [
      this.show('Deleted Containers', await pruneContainers(isWanted)),
      this.show('Deleted Images', await pruneImages({ all: flags.all, isWanted })),
      ...(flags.volumes ? [this.show('Deleted Volumes', await pruneVolumes(isWanted))] : []),
    ];
    this.log(`Total reclaimed space: ${humanSize(reclaimed.reduce((sum, bytes) => sum + bytes, 0)).replace(' ', '')}`);
  }

  /** @returns bytes */
  private show(heading: string, { removed, errors, reclaimed }: Pruned): number {
    if (removed.length > 0) this.log([heading, ...removed].join('\n'));
    for (const error of errors) process.exitCode = reportError(error, process.env);
    return reclaimed;
  }
}
