import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { formatRows } from '../src/cli/format.ts';
import { historyId, historyView } from '../src/cli/views/history-view.ts';
import { writeOut } from '../src/cli/output.ts';
import { readHistory } from '../src/engine/images/history.ts';

export default class History extends BaseCommand {
  static override description = 'show how an image came to be';
  static override usage = 'history [OPTIONS] IMAGE';
  static override aliases = ['image:history'];
  static override examples = ['tspod history alpine', "tspod history --format '{{.CreatedBy}}' --no-trunc alpine"];
  static override args = { image: Args.string({ required: true, description: 'name or id of the image' }) };
  static override flags = {
    format: Flags.string({ description: 'print as "json", as "table ..", or by a Go template', helpValue: 'FORMAT' }),
    human: Flags.boolean({ char: 'H', description: 'ages instead of moments', default: true }),
    'no-trunc': Flags.boolean({ aliases: ['notruncate'], description: 'ids and commands in full' }),
    quiet: Flags.boolean({ char: 'q', description: 'ids alone' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(History);
    const [name = ''] = argv;
    const steps = await readHistory(name);
    const options = { nowMs: Date.now(), full: flags['no-trunc'], human: flags.human };
    if (flags.quiet) writeOut(steps.map((step) => `${historyId(step, options)}\n`).join(''));
    else writeOut(await formatRows(steps, historyView(options), { format: flags.format }));
  }
}
