import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { applyFilters } from '../../src/cli/filter.ts';
import { formatRows } from '../../src/cli/format.ts';
import { writeOut } from '../../src/cli/output.ts';
import { filterFlag } from '../../src/cli/selection-flags.ts';
import { volumeMatchers, volumeView } from '../../src/cli/views/volume-view.ts';
import { listStoredVolumes } from '../../src/engine/volumes/volumes.ts';
import { UsageError } from '../../src/errors.ts';

export default class VolumeLs extends BaseCommand {
  static override description = 'list volumes';
  static override usage = 'volume ls [OPTIONS]';
  static override aliases = ['volume:list'];
  static override examples = ['tspod volume ls --filter dangling=true', "tspod volume ls --format '{{.Mountpoint}}'"];
  static override flags = {
    ...filterFlag,
    format: Flags.string({ description: 'print as "json", as "table ..", or by a Go template', helpValue: 'FORMAT' }),
    noheading: Flags.boolean({ char: 'n', description: 'no heading above the table' }),
    quiet: Flags.boolean({ char: 'q', description: 'names alone' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(VolumeLs);
    if (flags.quiet && flags.format !== undefined) {
      throw new UsageError('quiet and format flags cannot be used together', { remedy: 'Leave out one of them.' });
    }
    const volumes = applyFilters(listStoredVolumes(), flags.filter ?? [], volumeMatchers(Date.now()));
    if (flags.quiet) writeOut(volumes.map(({ name }) => `${name}\n`).join(''));
    else {
      const noHeading = flags.noheading || volumes.length === 0; // As Podman, which has a heading above nothing elsewhere.
      writeOut(await formatRows(volumes, volumeView, { format: flags.format, noHeading }));
    }
  }
}
