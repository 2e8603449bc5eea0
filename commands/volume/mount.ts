import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { forEachReporting } from '../../src/cli/report.ts';
import { requireUnshare } from '../../src/engine/mount.ts';
import { filesOf } from '../../src/engine/volumes/volume-files.ts';
import { findVolume } from '../../src/engine/volumes/volumes.ts';

export default class VolumeMount extends BaseCommand {
  static override description = 'print where volumes are, inside "tspod unshare"';
  static override usage = 'volume mount VOLUME [VOLUME...]';
  static override examples = ["tspod unshare sh -c 'ls -l $(tspod volume mount data)'"];
  static override args = {
    volume: Args.string({ required: true, multiple: true, description: 'its name, or the beginning of it' }),
  };

  async run(): Promise<void> {
    const { argv } = await this.parse(VolumeMount);
    requireUnshare('tspod volume mount');
    await forEachReporting(argv, (name) => {
      this.log(filesOf(findVolume(name), `cannot mount the volume "${name}"`));
      return Promise.resolve();
    });
  }
}
