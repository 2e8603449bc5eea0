import { BaseCommand } from '../../src/cli/base-command.ts';
import { pruneFilter } from '../../src/cli/prune-filter.ts';
import { isAgreed, pruneFlags } from '../../src/cli/prune-flags.ts';
import { reportError } from '../../src/cli/report.ts';
import { pruneContainers } from '../../src/engine/prune.ts';

export default class ContainerPrune extends BaseCommand {
  static override description = 'remove the containers that do not run';
  static override usage = 'container prune [OPTIONS]';
  static override examples = ['tspod container prune', 'tspod container prune --force --filter until=24h'];
  static override flags = pruneFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(ContainerPrune);
    const isWanted = pruneFilter(flags.filter ?? [], Date.now());
    if (!(await isAgreed(flags, 'This will remove all stopped containers.'))) return;
    const { removed, errors } = await pruneContainers(isWanted);
    for (const id of removed) this.log(id);
    for (const error of errors) process.exitCode = reportError(error, process.env);
  }
}
