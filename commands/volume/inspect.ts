import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { shapeOf } from '../../src/cli/format.ts';
import { formatInspected } from '../../src/cli/inspect-fields.ts';
import { writeOut } from '../../src/cli/output.ts';
import { forEachReporting } from '../../src/cli/report.ts';
import { volumeJson, volumeView } from '../../src/cli/views/volume-view.ts';
import { findVolume, listStoredVolumes } from '../../src/engine/volumes/volumes.ts';
import { UsageError } from '../../src/errors.ts';

export default class VolumeInspect extends BaseCommand {
  static override description = 'show what is known of volumes';
  static override usage = 'volume inspect [OPTIONS] VOLUME [VOLUME...]';
  static override examples = ["tspod volume inspect --format '{{.Mountpoint}}' data"];
  static override args = { volume: Args.string({ multiple: true, description: 'its name, or the beginning of it' }) };
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'all volumes' }),
    format: Flags.string({
      char: 'f',
      description: 'print as "json", as "table ..", or by a Go template',
      helpValue: 'FORMAT',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(VolumeInspect);
    if (argv.length > 0 === flags.all) {
      throw new UsageError('either volumes are named, or --all is given', { remedy: 'tspod volume ls' });
    }
    const found = flags.all ? listStoredVolumes().map(volumeJson) : [];
    await forEachReporting(argv, (name) => {
      found.push(volumeJson(findVolume(name)));
      return Promise.resolve();
    });
    writeOut(await formatInspected(found, flags.format, shapeOf(volumeView.fields)));
  }
}
