import { BaseCommand } from '../../src/cli/base-command.ts';
import { forceFlag, isAgreed } from '../../src/cli/prune-flags.ts';
import { reportError } from '../../src/cli/report.ts';
import { resetPaths, resetStore } from '../../src/engine/reset.ts';

export default class SystemReset extends BaseCommand {
  static override description = 'remove all containers, images and volumes';
  static override usage = 'system reset [OPTIONS]';
  static override examples = ['tspod system reset', 'tspod system reset --force'];
  static override flags = forceFlag;

  async run(): Promise<void> {
    const { flags } = await this.parse(SystemReset);
    const { store, runtime } = resetPaths();
    const lines = [
      'This will remove:',
      '\t- all containers',
      '\t- all images',
      '\t- all volumes',
      `\t- what tspod keeps in ${store}`,
      `\t- what tspod keeps in ${runtime}`,
    ];
    if (!(await isAgreed(flags, lines.join('\n')))) return;
    for (const error of await resetStore()) process.exitCode = reportError(error, process.env);
  }
}
