import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { forEachReporting } from '../../src/cli/report.ts';
import { findVolume } from '../../src/engine/volumes/volumes.ts';

export default class VolumeUnmount extends BaseCommand {
  static override description = 'end what "volume mount" has begun; volumes are directories, so nothing is unmounted';
  static override usage = 'volume unmount VOLUME [VOLUME...]';
  static override aliases = ['volume:umount'];
  static override examples = ['tspod volume unmount data'];
  static override args = {
    volume: Args.string({ required: true, multiple: true, description: 'its name, or the beginning of it' }),
  };

  async run(): Promise<void> {
    const { argv } = await this.parse(VolumeUnmount);
    await forEachReporting(argv, (name) => {
      this.log(findVolume(name).name);
      return Promise.resolve();
    });
  }
}
