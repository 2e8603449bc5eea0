import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { forEachReporting } from '../../src/cli/report.ts';
import { findImages } from '../../src/engine/images/find-image.ts';
import { isInUnshare, mountedImages, requireUnshare, unmount } from '../../src/engine/mount.ts';
import { TspodError, UsageError } from '../../src/errors.ts';
import { digestHex } from '../../src/model/digest.ts';

export default class ImageUnmount extends BaseCommand {
  static override description = 'unmount images';
  static override usage = 'image unmount [OPTIONS] IMAGE [IMAGE...]';
  static override aliases = ['image:umount'];
  static override examples = ['tspod unshare tspod image unmount alpine', 'tspod unshare tspod image unmount --all'];
  static override args = { image: Args.string({ multiple: true, description: 'name or id of the image' }) };
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'all that are mounted' }),
    force: Flags.boolean({ char: 'f', description: 'also what is in use' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ImageUnmount);
    if (flags.all && argv.length === 0 && !isInUnshare()) return; // What is mounted in a session is seen there alone.
    requireUnshare('tspod image unmount');
    if (argv.length > 0 === flags.all) {
      throw new UsageError('either images are named, or --all is given', { remedy: 'tspod image mount' });
    }
    const mounts = mountedImages();
    const wanted = (await findImages(argv, { all: false })).map(({ id }) => digestHex(id));
    await forEachReporting(flags.all ? mounts.map(({ id }) => id) : wanted, async (id) => {
      const mounted = mounts.find((mount) => mount.id === id);
      if (mounted === undefined)
        throw new TspodError(`the image "${id}" is not mounted`, { remedy: 'tspod image mount' });
      await unmount(mounted, `image "${id}"`, flags);
      this.log(id);
    });
  }
}
