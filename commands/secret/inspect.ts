import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { formatEach } from '../../src/cli/format.ts';
import { inspectFields } from '../../src/cli/inspect-fields.ts';
import { writeOut } from '../../src/cli/output.ts';
import { forEachReporting } from '../../src/cli/report.ts';
import { secretJson, secretText } from '../../src/cli/views/secret-view.ts';
import { findSecret } from '../../src/engine/secrets.ts';
import { UsageError } from '../../src/errors.ts';

export default class SecretInspect extends BaseCommand {
  static override description = 'show what is known of secrets';
  static override usage = 'secret inspect [OPTIONS] SECRET [SECRET...]';
  static override examples = ["tspod secret inspect --format '{{.Spec.Name}}' db-password"];
  static override args = {
    secret: Args.string({ required: true, multiple: true, description: 'its name, or the beginning of its id' }),
  };
  static override flags = {
    format: Flags.string({
      char: 'f',
      description: 'print as "json", as "table ..", or by a Go template',
      helpValue: 'FORMAT',
    }),
    pretty: Flags.boolean({ description: 'print lines for a person to read' }),
    showsecret: Flags.boolean({ description: 'show the content, too' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(SecretInspect);
    if (flags.pretty && flags.format !== undefined) {
      throw new UsageError('--pretty and --format exclude each other', { remedy: 'Leave out one of them.' });
    }
    const found: ReturnType<typeof findSecret>[] = [];
    await forEachReporting(argv, (name) => {
      found.push(findSecret(name));
      return Promise.resolve();
    });
    if (flags.pretty) {
      writeOut(found.map(secretText).join(''));
      return;
    }
    const shown = found.map((secret) => ({
      ...secretJson(secret),
      ...(flags.showsecret ? { SecretData: Buffer.from(secret.content, 'base64').toString('utf8') } : {}),
    }));
    if (flags.format === undefined || flags.format === 'json') writeOut(`${JSON.stringify(shown, null, 4)}\n`);
    else writeOut(await formatEach(shown.map(inspectFields), flags.format));
  }
}
