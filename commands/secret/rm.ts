import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { forEachReporting } from '../../src/cli/report.ts';
import { forgetAllSecrets, forgetSecret } from '../../src/engine/secrets.ts';
import { NotFoundError, UsageError } from '../../src/errors.ts';

export default class SecretRm extends BaseCommand {
  static override description = 'remove secrets; containers keep what they have of them';
  static override usage = 'secret rm [OPTIONS] SECRET [SECRET...]';
  static override aliases = ['secret:remove'];
  static override examples = ['tspod secret rm db-password'];
  static override args = {
    secret: Args.string({ multiple: true, description: 'its name, or the beginning of its id' }),
  };
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'all secrets' }),
    ignore: Flags.boolean({ char: 'i', description: 'no error for a secret that does not exist' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(SecretRm);
    if (argv.length > 0 === flags.all) {
      throw new UsageError('either secrets are named, or --all is given', { remedy: 'tspod secret ls' });
    }
    if (flags.all) for (const id of await forgetAllSecrets()) this.log(id);
    await forEachReporting(argv, async (name) => {
      try {
        this.log(await forgetSecret(name));
      } catch (error) {
        if (!flags.ignore || !(error instanceof NotFoundError)) throw error;
      }
    });
  }
}
