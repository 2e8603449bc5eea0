import { BaseCommand } from '../../src/cli/base-command.ts';
import { checkDiffFormat, diffArgs, diffFlags, formatChanges } from '../../src/cli/diff-command.ts';
import { writeOut } from '../../src/cli/output.ts';
import { findChanges } from '../../src/engine/changes.ts';
import { UsageError } from '../../src/errors.ts';

export default class ImageDiff extends BaseCommand {
  static override description = 'show what the last layer of an image has changed';
  static override usage = 'image diff [OPTIONS] IMAGE [IMAGE]';
  static override examples = ['tspod image diff localhost/app', 'tspod image diff localhost/app alpine'];
  static override args = diffArgs('image');
  static override flags = diffFlags;

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ImageDiff);
    checkDiffFormat(flags.format);
    const [name, parent] = argv;
    if (name === undefined) {
      throw new UsageError('"tspod image diff" needs the name or id of an image', { remedy: 'tspod images' });
    }
    writeOut(formatChanges(await findChanges(name, 'image', parent), flags.format));
  }
}
