import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { ignored } from '../../src/cli/flag.ts';
import { pruneFilter } from '../../src/cli/prune-filter.ts';
import { isAgreed, pruneFlags } from '../../src/cli/prune-flags.ts';
import { reportError } from '../../src/cli/report.ts';
import { pruneImages } from '../../src/engine/prune.ts';

export default class ImagePrune extends BaseCommand {
  static override description = 'remove the images that no container uses';
  static override usage = 'image prune [OPTIONS]';
  static override examples = ['tspod image prune', 'tspod image prune --all --force --filter until=240h'];
  static override flags = {
    ...pruneFlags,
    all: Flags.boolean({ char: 'a', description: 'also those that have a name' }),
    external: Flags.boolean(ignored),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ImagePrune);
    const isWanted = pruneFilter(flags.filter ?? [], Date.now());
    const what = flags.all ? 'images without at least one container associated with them' : 'dangling images';
    if (!(await isAgreed(flags, `This command removes all ${what}.`))) return;
    const { removed, errors } = await pruneImages({ all: flags.all, isWanted });
    for (const id of removed) this.log(id);
    for (const error of errors) process.exitCode = reportError(error, process.env);
  }
}
