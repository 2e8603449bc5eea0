import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { listStoredVolumes } from '../../src/engine/volumes/volumes.ts';

export default class VolumeExists extends BaseCommand {
  static override description = 'exit with 0 when a volume exists, else with 1';
  static override usage = 'volume exists VOLUME';
  static override examples = ['tspod volume exists data || tspod volume create data'];
  static override args = { volume: Args.string({ required: true, description: 'its name' }) };

  async run(): Promise<void> {
    const { argv } = await this.parse(VolumeExists);
    if (!listStoredVolumes().some(({ name }) => name === argv[0])) process.exitCode = 1;
  }
}
