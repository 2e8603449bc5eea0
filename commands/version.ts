import { BaseCommand } from '../src/cli/base-command.ts';
import { programVersion } from '../src/cli/program.ts';

export default class Version extends BaseCommand {
  static override description = 'show the version';
  static override usage = 'version [OPTIONS]';

  async run(): Promise<void> {
    await this.parse(Version);
    this.log(programVersion);
  }
}
