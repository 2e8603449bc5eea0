import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { openTransferProgress } from '../src/cli/transfer-progress.ts';
import { saveImages, type SaveFormat } from '../src/engine/images/save.ts';
import { UsageError } from '../src/errors.ts';

export default class Save extends BaseCommand {
  static override description = 'write images into an archive';
  static override usage = 'save [OPTIONS] IMAGE [NAME...]';
  static override aliases = ['image:save'];
  static override examples = [
    'tspod save --output alpine.tar alpine',
    'tspod save --multi-image-archive alpine busybox | gzip > both.tar.gz',
    'tspod save --format oci-dir --output alpine alpine',
  ];
  static override args = {
    image: Args.string({ required: true, description: 'name or id of the image' }),
    name: Args.string({ multiple: true, description: 'one more name in the archive; with -m one more image' }),
  };
  static override flags = {
    compress: Flags.boolean({ description: 'compress layers that are not; with --format docker-dir alone' }),
    format: Flags.string({
      description: 'form of the archive; oci-dir and docker-dir are directories',
      options: ['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir'],
      default: 'docker-archive',
      helpValue: 'FORMAT',
    }),
    'multi-image-archive': Flags.boolean({ char: 'm', description: 'all arguments are images' }),
    output: Flags.string({ char: 'o', description: 'where to write, instead of standard output', helpValue: 'PATH' }),
    quiet: Flags.boolean({ char: 'q', description: 'show no progress' }),
    uncompressed: Flags.boolean({ description: 'in OCI formats, leave layers uncompressed that are so' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Save);
    const format = flags.format as SaveFormat;
    if (flags.compress && format !== 'docker-dir') {
      throw new UsageError("--compress can only be set when --format is 'docker-dir'", {
        remedy: 'tspod save --format docker-dir --compress --output DIR IMAGE',
      });
    }
    if (flags.output === undefined && process.stdout.isTTY) {
      throw new UsageError('refusing to save to terminal. Use -o flag or redirect', {
        remedy: 'tspod save --output image.tar IMAGE',
      });
    }
    const progress = openTransferProgress(flags);
    await saveImages(argv, {
      format,
      output: flags.output,
      several: flags['multi-image-archive'],
      compress: flags.compress || (format.startsWith('oci-') && !flags.uncompressed) ? {} : undefined,
      tell: progress.report,
    }).finally(progress.close);
  }
}
