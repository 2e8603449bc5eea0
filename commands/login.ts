import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { askLine, askSecret, readSecretFromStdin } from '../src/cli/prompt.ts';
import { connectionFlags } from '../src/cli/registry-flags.ts';
import { defaultRegistry, findLogin, isLoginValid, login } from '../src/engine/login.ts';
import { NotFoundError, UsageError } from '../src/errors.ts';

const WITHOUT_TERMINAL = 'Use --username and --password-stdin.';

export default class Login extends BaseCommand {
  static override description = 'check a user and password with a registry and keep them';
  static override usage = 'login [OPTIONS] [REGISTRY]';
  static override examples = ['tspod login quay.io', 'tspod login --username alice --password-stdin localhost:5000'];
  static override args = { registry: Args.string({ description: 'HOST[:PORT][/NAMESPACE]; Docker Hub unless told' }) };
  static override flags = {
    ...connectionFlags,
    'get-login': Flags.boolean({ description: 'print who is logged in, and do nothing else' }),
    password: Flags.string({ char: 'p', description: 'the password; others see it in ps', helpValue: 'PASSWORD' }),
    'password-stdin': Flags.boolean({ description: 'read the password from standard input' }),
    secret: Flags.string({
      description: 'the password is that of a secret: tspod secret create',
      helpValue: 'SECRET',
    }),
    username: Flags.string({ char: 'u', description: 'the user', helpValue: 'USER' }),
    verbose: Flags.boolean({ char: 'v', description: 'say which file the credentials are in' }),
  };

  async run(): Promise<void> {
    const { flags, given, argv } = await this.parse(Login);
    const registry = argv[0] ?? (await defaultRegistry());
    const options = {
      authFile: flags.authfile,
      certDir: flags['cert-dir'],
      tlsVerify: given.has('tls-verify') ? flags['tls-verify'] : undefined,
    };
    if (flags['get-login']) {
      const present = await findLogin(registry, options);
      if (present === undefined) {
        throw new NotFoundError(`not logged into "${registry}"`, { remedy: `tspod login ${registry}` });
      }
      this.log(present.username);
      return;
    }
    if (flags['password-stdin'] && (flags.password !== undefined || flags.username === undefined)) {
      throw new UsageError('--password-stdin goes with --username and without --password');
    }
    if (flags.secret !== undefined && (flags.password !== undefined || flags['password-stdin'])) {
      throw new UsageError('--secret gives the password, and so does --password or --password-stdin', {
        remedy: 'Give one of them.',
      });
    }
    const known = flags.username === undefined ? await findLogin(registry, options) : undefined;
    if (known !== undefined && flags.password === undefined && flags.secret === undefined) {
      this.log(`Authenticating with existing credentials for ${registry}`);
      if (await isLoginValid(registry, known, options)) {
        this.log(`Existing credentials are valid. Already logged in to ${registry}`);
        return;
      }
      this.log('Existing credentials are invalid, please enter valid username and password');
    }
    const username = flags.username ?? (await askUsername(known?.username));
    const password = flags['password-stdin']
      ? await readSecretFromStdin()
      : (flags.password ?? (await passwordOf(flags.secret)) ?? (await askSecret('Password: ', WITHOUT_TERMINAL)));
    const path = await login(registry, { username, password }, options);
    this.log('Login Succeeded!');
    if (flags.verbose) this.log(`Used: ${path}`);
  }
}

/** Return alone stands for the user that is logged in. */
async function askUsername(known = ''): Promise<string> {
  const question = known === '' ? 'Username: ' : `Username (${known}): `;
  return (await askLine(question, WITHOUT_TERMINAL)) || known;
}

async function passwordOf(secret: string | undefined): Promise<string | undefined> {
  if (secret === undefined) return undefined;
  const { readSecretText } = await import('../src/engine/secrets.ts');
  return readSecretText(secret);
}
