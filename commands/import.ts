import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { each, parsed } from '../src/cli/flag.ts';
import { writeError } from '../src/cli/output.ts';
import { chosenPlatform } from '../src/cli/registry-flags.ts';
import { signaturePolicyFlag } from '../src/cli/signature-policy.ts';
import { importImage } from '../src/engine/images/import.ts';
import { UsageError } from '../src/errors.ts';
import { parseImageChange } from '../src/model/image-change.ts';
import { hostPlatform } from '../src/model/platform.ts';

export default class Import extends BaseCommand {
  static override description = 'make an image of a tar archive of a root file system';
  static override usage = 'import [OPTIONS] PATH [REFERENCE]';
  static override aliases = ['image:import'];
  static override examples = [
    'tspod import rootfs.tar localhost/base:1',
    'tar --create --directory rootfs . | tspod import --change \'CMD ["sh"]\' - base',
  ];
  static override args = {
    path: Args.string({
      required: true,
      description: 'tar archive, also compressed: a file, an address, or - for standard input',
    }),
    reference: Args.string({ description: 'name for the image' }),
  };
  static override flags = {
    arch: Flags.string({ description: "architecture of the image, instead of this machine's", helpValue: 'ARCH' }),
    change: parsed(parseImageChange)({
      char: 'c',
      description:
        'instruction to apply: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR',
      helpValue: 'INSTRUCTION',
      ...each,
    }),
    message: Flags.string({ char: 'm', description: 'comment in the history of the image', helpValue: 'TEXT' }),
    os: Flags.string({ description: "operating system of the image, instead of this machine's", helpValue: 'OS' }),
    quiet: Flags.boolean({ char: 'q', description: 'show no progress' }),
    ...signaturePolicyFlag,
    variant: Flags.string({ description: 'variant of the architecture of the image', helpValue: 'VARIANT' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Import);
    const [path = '-', name] = argv;
    if (path === '-' && process.stdin.isTTY) {
      throw new UsageError('cannot read an archive from a terminal', { remedy: 'tspod import - < rootfs.tar' });
    }
    const { id } = await importImage(path, {
      name,
      changes: flags.change ?? [],
      message: flags.message,
      platform: chosenPlatform(flags, process.arch) ?? hostPlatform(process.arch),
    });
    if (!flags.quiet) writeError(`Copying config ${id}\n`);
    this.log(id);
  }
}
