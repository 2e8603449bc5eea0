import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { ignored } from '../src/cli/flag.ts';
import { reportError } from '../src/cli/report.ts';
import { removeAllImages, removeImages } from '../src/engine/images/remove-images.ts';
import { UsageError } from '../src/errors.ts';

export default class Rmi extends BaseCommand {
  static override description = 'remove images';
  static override usage = 'rmi [OPTIONS] IMAGE [IMAGE...]';
  static override aliases = ['image:rm', 'image:remove'];
  static override examples = ['tspod rmi alpine', 'tspod rmi --all --force'];
  static override args = { image: Args.string({ multiple: true, description: 'name or id of the image' }) };
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'remove all images' }),
    force: Flags.boolean({
      char: 'f',
      description: 'remove the containers that use the image, too; no error for one that does not exist',
    }),
    ignore: Flags.boolean({ char: 'i', description: 'no error for an image that does not exist' }),
    'no-prune': Flags.boolean(ignored),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Rmi);
    const remedy = `${this.called} --help`;
    if (argv.length === 0 && !flags.all) throw new UsageError('image name or ID must be specified', { remedy });
    if (argv.length > 0 && flags.all) {
      throw new UsageError('when using the --all switch, you may not pass any images names or IDs', { remedy });
    }
    const results = flags.all ? await removeAllImages(flags) : await removeImages(argv, flags);
    for (const { untagged, deleted, error } of results) {
      for (const name of untagged) this.log(`Untagged: ${name}`);
      if (deleted !== undefined) this.log(`Deleted: ${deleted}`);
      if (error !== undefined) process.exitCode = reportError(error, process.env);
    }
  }
}
