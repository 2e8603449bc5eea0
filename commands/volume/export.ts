import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { exportVolume } from '../../src/engine/volumes/volume-files.ts';
import { findVolume } from '../../src/engine/volumes/volumes.ts';
import { UsageError } from '../../src/errors.ts';

export default class VolumeExport extends BaseCommand {
  static override description = 'write what is in a volume as a tar archive';
  static override usage = 'volume export [OPTIONS] VOLUME';
  static override examples = ['tspod volume export --output data.tar data'];
  static override args = { volume: Args.string({ required: true, description: 'its name, or the beginning of it' }) };
  static override flags = {
    output: Flags.string({ char: 'o', description: 'file to write to, instead of standard output', helpValue: 'FILE' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(VolumeExport);
    if (flags.output === undefined && process.stdout.isTTY) {
      throw new UsageError('cannot write an archive to the terminal, redirect it or use the --output flag', {
        remedy: `tspod volume export --output FILE ${argv[0] ?? ''}`,
      });
    }
    await exportVolume(findVolume(argv[0] ?? ''), flags.output);
  }
}
