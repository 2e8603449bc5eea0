import { BaseCommand } from '../../src/cli/base-command.ts';

export default class VolumeReload extends BaseCommand {
  static override description = 'look for volumes of plugins, of which there are none';
  static override usage = 'volume reload';
  static override examples = ['tspod volume reload'];

  async run(): Promise<void> {
    await this.parse(VolumeReload);
  }
}
