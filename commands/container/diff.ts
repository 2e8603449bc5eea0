import { BaseCommand } from '../../src/cli/base-command.ts';
import { readSelection } from '../../src/cli/container-selection.ts';
import { checkDiffFormat, diffArgs, diffFlags, formatChanges } from '../../src/cli/diff-command.ts';
import { writeOut } from '../../src/cli/output.ts';
import { latestFlag } from '../../src/cli/selection-flags.ts';
import { findChanges } from '../../src/engine/changes.ts';
import { namesOrNewest } from '../../src/engine/list.ts';

export default class ContainerDiff extends BaseCommand {
  static override description = 'show what a container has changed of its image';
  static override usage = 'container diff [OPTIONS] CONTAINER [CONTAINER]';
  static override examples = ['tspod container diff web', 'tspod container diff --format json web'];
  static override args = diffArgs('container');
  static override flags = { ...diffFlags, ...latestFlag };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ContainerDiff);
    checkDiffFormat(flags.format);
    const { names, latest } = readSelection(argv, flags, this.called);
    const [name = '', parent] = namesOrNewest(names, { latest });
    writeOut(formatChanges(await findChanges(name, 'container', parent), flags.format));
  }
}
