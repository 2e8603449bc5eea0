import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { ignored } from '../../src/cli/flag.ts';

export default class SystemMigrate extends BaseCommand {
  static override description = 'bring containers to a new version, which none here needs';
  static override usage = 'system migrate';
  static override examples = ['tspod system migrate'];
  static override flags = { 'new-runtime': Flags.string({ ...ignored, helpValue: 'NAME' }) };

  async run(): Promise<void> {
    await this.parse(SystemMigrate);
  }
}
