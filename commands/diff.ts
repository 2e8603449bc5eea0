import { BaseCommand } from '../src/cli/base-command.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { checkDiffFormat, diffArgs, diffFlags, formatChanges } from '../src/cli/diff-command.ts';
import { writeOut } from '../src/cli/output.ts';
import { latestFlag } from '../src/cli/selection-flags.ts';
import { findChanges } from '../src/engine/changes.ts';
import { namesOrNewest } from '../src/engine/list.ts';

export default class Diff extends BaseCommand {
  static override description = 'show what a container or an image has changed';
  static override usage = 'diff [OPTIONS] CONTAINER|IMAGE [CONTAINER|IMAGE]';
  static override examples = ['tspod diff web', 'tspod diff --format json localhost/app'];
  static override args = diffArgs('container or image');
  static override flags = { ...diffFlags, ...latestFlag };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Diff);
    checkDiffFormat(flags.format);
    const { names, latest } = readSelection(argv, flags, this.called);
    const [name = '', parent] = namesOrNewest(names, { latest });
    writeOut(formatChanges(await findChanges(name, latest ? 'container' : 'any', parent), flags.format));
  }
}
