import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { isatty } from 'node:tty';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { ignored } from '../../src/cli/flag.ts';
import { readBytesFromStdin } from '../../src/cli/prompt.ts';
import { createSecret, readSecretFile } from '../../src/engine/secrets.ts';
import { UsageError } from '../../src/errors.ts';
import { parseKeyValues } from '../../src/model/key-value.ts';

export default class SecretCreate extends BaseCommand {
  static override description = 'keep a password, a key or the like for containers';
  static override usage = 'secret create [OPTIONS] NAME FILE|-';
  static override examples = [
    'tspod secret create db-password ./password.txt',
    'printf %s "$PASSWORD" | tspod secret create db-password -',
    'tspod secret create --env db-password PASSWORD',
  ];
  static override args = {
    name: Args.string({ required: true, description: 'its name' }),
    file: Args.string({ required: true, description: 'file with the content, or "-" for standard input' }),
  };
  static override flags = {
    driver: Flags.string({ char: 'd', description: 'file is the only one', default: 'file', helpValue: 'DRIVER' }),
    'driver-opts': Flags.string({ ...ignored, multiple: true }),
    env: Flags.boolean({ description: 'the content is that of the environment variable FILE' }),
    ignore: Flags.boolean({ description: 'no error for a secret that exists: it stays as it is' }),
    label: Flags.string({ char: 'l', multiple: true, description: 'a word about it', helpValue: 'KEY=VALUE' }),
    replace: Flags.boolean({ description: 'give the content to a secret that exists' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(SecretCreate);
    const [name = '', source = ''] = argv;
    if (flags.driver !== 'file') {
      throw new UsageError(`"${flags.driver}" is not a driver for secrets`, { remedy: 'Leave out --driver' });
    }
    if (flags.ignore && flags.replace) {
      throw new UsageError('--ignore keeps a secret that exists, and --replace does not', {
        remedy: 'Leave out one of them.',
      });
    }
    const labels = parseKeyValues(flags.label ?? [], 'label');
    const content = flags.env ? readVariable(source) : source === '-' ? await readStdin() : readSecretFile(source);
    const existing = flags.replace ? 'replace' : flags.ignore ? 'keep' : 'refuse';
    this.log(await createSecret({ name, labels, content, existing }));
  }
}

async function readStdin(): Promise<Buffer> {
  if (!isatty(0)) return await readBytesFromStdin();
  throw new UsageError('with "-" the content comes through a pipe, not from a terminal', {
    remedy: 'printf %s "$PASSWORD" | tspod secret create NAME -',
  });
}

function readVariable(name: string): Buffer {
  const value = process.env[name];
  if (value !== undefined) return Buffer.from(value);
  throw new UsageError(`there is no environment variable "${name}" to make a secret of`, {
    remedy: `export ${name}`,
  });
}
