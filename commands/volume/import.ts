import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { importVolume } from '../../src/engine/volumes/volume-files.ts';
import { findVolume } from '../../src/engine/volumes/volumes.ts';
import { UsageError } from '../../src/errors.ts';

export default class VolumeImport extends BaseCommand {
  static override description = 'put what is in a tar archive into a volume';
  static override usage = 'volume import VOLUME [SOURCE]';
  static override examples = [
    'tspod volume import data data.tar',
    'tspod volume export old | tspod volume import new -',
  ];
  static override args = {
    volume: Args.string({ required: true, description: 'its name, or the beginning of it' }),
    source: Args.string({ description: 'archive, compressed or not; "-" or none is standard input' }),
  };

  async run(): Promise<void> {
    const { argv } = await this.parse(VolumeImport);
    const [volume = '', source = '-'] = argv;
    if (source === '-' && process.stdin.isTTY) {
      throw new UsageError('cannot read an archive from the terminal', {
        remedy: `tspod volume import ${volume} FILE`,
      });
    }
    await importVolume(findVolume(volume), source);
  }
}
