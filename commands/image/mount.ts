import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { checkMountFormat, formatMounts, mountFlags } from '../../src/cli/views/mount-view.ts';
import { writeOut } from '../../src/cli/output.ts';
import { forEachReporting } from '../../src/cli/report.ts';
import { findImages } from '../../src/engine/images/find-image.ts';
import { mountedImages, mountImage, requireUnshare, type Mounted } from '../../src/engine/mount.ts';

export default class ImageMount extends BaseCommand {
  static override description = 'mount images inside "tspod unshare", to be read';
  static override usage = 'image mount [OPTIONS] [IMAGE...]';
  static override examples = ["tspod unshare sh -c 'ls $(tspod image mount alpine)'"];
  static override args = { image: Args.string({ multiple: true, description: 'name or id of the image' }) };
  static override flags = mountFlags;

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ImageMount);
    const { all, format } = flags;
    checkMountFormat(format);
    requireUnshare('tspod image mount');
    if (argv.length === 0 && !all) {
      writeOut(formatMounts(mountedImages(), { format }));
      return;
    }
    const mounted: Mounted[] = [];
    await forEachReporting(await findImages(argv, { all }), async (image) => {
      mounted.push(await mountImage(image));
    });
    writeOut(formatMounts(mounted, { format, isOne: argv.length === 1 }));
  }
}
