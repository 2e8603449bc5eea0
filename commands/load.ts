import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { signaturePolicyFlag } from '../src/cli/signature-policy.ts';
import { openTransferProgress } from '../src/cli/transfer-progress.ts';
import { prepareStore } from '../src/engine/images/built-in-image.ts';
import { loadImages } from '../src/engine/images/load.ts';
import { UsageError } from '../src/errors.ts';

export default class Load extends BaseCommand {
  static override description = 'load images from an archive';
  static override usage = 'load [OPTIONS]';
  static override aliases = ['image:load'];
  static override examples = ['tspod load --input image.tar', 'ssh host podman save alpine | tspod load'];
  static override flags = {
    input: Flags.string({
      char: 'i',
      description:
        'archive (docker-archive or oci-archive, also compressed), OCI directory or http(s) address, instead of standard input',
      helpValue: 'PATH',
    }),
    quiet: Flags.boolean({ char: 'q', description: 'show no progress' }),
    ...signaturePolicyFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Load);
    if (flags.input === undefined && process.stdin.isTTY) {
      throw new UsageError('cannot read from terminal, use command-line redirection or the --input flag', {
        remedy: 'tspod load --input image.tar',
      });
    }
    await prepareStore();
    const progress = openTransferProgress(flags);
    const images = await loadImages(flags.input, progress.report).finally(progress.close);
    for (const { names, id } of images) {
      for (const name of names.length > 0 ? names : [id]) this.log(`Loaded image: ${name}`);
    }
  }
}
