import { BaseCommand } from '../../src/cli/base-command.ts';
import { pruneFilter } from '../../src/cli/prune-filter.ts';
import { isAgreed, pruneFlags } from '../../src/cli/prune-flags.ts';
import { writeError } from '../../src/cli/output.ts';
import { reportError } from '../../src/cli/report.ts';
import { listUnusedVolumes, pruneVolumes } from '../../src/engine/prune.ts';

export default class VolumePrune extends BaseCommand {
  static override description = 'remove the volumes that no container uses';
  static override usage = 'volume prune [OPTIONS]';
  static override examples = ['tspod volume prune', 'tspod volume prune --force --filter label=temporary'];
  static override flags = pruneFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(VolumePrune);
    const isWanted = pruneFilter(flags.filter ?? [], Date.now());
    const named = flags.force ? undefined : listUnusedVolumes(isWanted).map(({ name }) => name);
    if (named?.length === 0) {
      writeError('No dangling volumes found\n');
      return;
    }
    if (named !== undefined && !(await isAgreed(flags, [WARNING, ...named].join('\n')))) return;
    // What nobody was told of stays, though nothing uses it meanwhile.
    const isMeant = named === undefined ? isWanted : ({ name }: { readonly name: string }) => named.includes(name);
    const { removed, errors } = await pruneVolumes(isMeant);
    for (const name of removed) this.log(name);
    for (const error of errors) process.exitCode = reportError(error, process.env);
  }
}

const WARNING =
  'This will remove all volumes not used by at least one container. The following volumes will be removed:';
