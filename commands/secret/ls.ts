import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { applyFilters } from '../../src/cli/filter.ts';
import { formatRows } from '../../src/cli/format.ts';
import { writeOut } from '../../src/cli/output.ts';
import { secretMatchers, secretView } from '../../src/cli/views/secret-view.ts';
import { filterFlag } from '../../src/cli/selection-flags.ts';
import { listSecrets } from '../../src/engine/secrets.ts';

export default class SecretLs extends BaseCommand {
  static override description = 'list secrets';
  static override usage = 'secret ls [OPTIONS]';
  static override aliases = ['secret:list'];
  static override examples = ['tspod secret ls --filter name=db', "tspod secret ls --format '{{.Name}}'"];
  static override flags = {
    ...filterFlag,
    format: Flags.string({ description: 'print as "json", as "table ..", or by a Go template', helpValue: 'FORMAT' }),
    noheading: Flags.boolean({ char: 'n', description: 'no heading above the table' }),
    quiet: Flags.boolean({ char: 'q', description: 'ids alone' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SecretLs);
    const secrets = applyFilters(listSecrets(), flags.filter ?? [], secretMatchers);
    if (flags.quiet && flags.format === undefined) writeOut(secrets.map(({ id }) => `${id}\n`).join(''));
    else
      writeOut(await formatRows(secrets, secretView(Date.now()), { format: flags.format, noHeading: flags.noheading }));
  }
}
