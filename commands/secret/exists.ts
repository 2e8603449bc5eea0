import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { findSecret } from '../../src/engine/secrets.ts';
import { NotFoundError } from '../../src/errors.ts';

export default class SecretExists extends BaseCommand {
  static override description = 'exit with 0 when a secret exists, else with 1';
  static override usage = 'secret exists SECRET';
  static override examples = ['tspod secret exists db-password || tspod secret create db-password ./password.txt'];
  static override args = { secret: Args.string({ required: true, description: 'its name, or its id' }) };

  async run(): Promise<void> {
    const { argv } = await this.parse(SecretExists);
    try {
      findSecret(argv[0] ?? '');
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      process.exitCode = 1;
    }
  }
}
