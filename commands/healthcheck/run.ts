import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { runHealthcheck } from '../../src/engine/healthcheck.ts';

export default class HealthcheckRun extends BaseCommand {
  static override description = 'run the health check of a container now';
  static override usage = 'healthcheck run CONTAINER';
  static override examples = ['tspod healthcheck run web'];
  static override args = {
    container: Args.string({ required: true, description: 'name, id, or the beginning of an id' }),
  };

  async run(): Promise<void> {
    const { argv } = await this.parse(HealthcheckRun);
    if (await runHealthcheck(argv[0] ?? '')) return;
    this.log('unhealthy');
    process.exitCode = 1;
  }
}
