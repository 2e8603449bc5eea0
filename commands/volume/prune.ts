import { BaseCommand } from '../../src/cli/base-command.ts';
import { pruneFilter } from '../../src/cli/prune-filter.ts';
import { isAgreed, pruneFlags } from '../../src/cli/prune-flags.ts';
import { reportError } from '../../src/cli/report.ts';
import { pruneVolumes } from '../../src/engine/prune.ts';

export default class VolumePrune extends BaseCommand {
  static override description = 'remove the volumes that no container uses';
  static override usage = 'volume prune [OPTIONS]';
  static override examples = ['tspod volume prune', 'tspod volume prune --force --filter label=temporary'];
  static override flags = pruneFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(VolumePrune);
    const isWanted = pruneFilter(flags.filter ?? [], Date.now());
    if (!(await isAgreed(flags, 'This will remove all volumes not used by at least one container.'))) return;
    const { removed, errors } = await pruneVolumes(isWanted);
    for (const name of removed) this.log(name);
    for (const error of errors) process.exitCode = reportError(error, process.env);
  }
}
