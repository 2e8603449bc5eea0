import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { formatDetails, totalsView } from '../../src/cli/views/disk-usage-view.ts';
import { formatRows } from '../../src/cli/format.ts';
import { writeOut } from '../../src/cli/output.ts';
import { measureDiskUsage } from '../../src/engine/disk-usage.ts';
import { UsageError } from '../../src/errors.ts';

export default class SystemDf extends BaseCommand {
  static override description = 'show how much space images, containers and volumes take';
  static override usage = 'system df [OPTIONS]';
  static override examples = ['tspod system df', "tspod system df --format '{{.Type}}: {{.Reclaimable}}'"];
  static override flags = {
    format: Flags.string({ description: 'print as "json", as "table ..", or by a Go template', helpValue: 'FORMAT' }),
    verbose: Flags.boolean({ char: 'v', description: 'show every image, container and volume' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SystemDf);
    if (flags.verbose && flags.format !== undefined) {
      throw new UsageError('cannot combine --format and --verbose flags', { remedy: 'Leave out one of them.' });
    }
    const usage = await measureDiskUsage();
    if (flags.verbose) writeOut(formatDetails(usage, Date.now()));
    else writeOut(await formatRows(usage.totals, totalsView, { format: flags.format }));
  }
}
