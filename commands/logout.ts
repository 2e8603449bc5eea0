import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { connectionFlags } from '../src/cli/registry-flags.ts';
import { defaultRegistry, logout, logoutEverywhere } from '../src/engine/login.ts';

export default class Logout extends BaseCommand {
  static override description = 'forget the user and password of a registry';
  static override usage = 'logout [OPTIONS] [REGISTRY]';
  static override args = { registry: Args.string({ description: 'HOST[:PORT][/NAMESPACE]; Docker Hub unless told' }) };
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'forget those of every registry' }),
    authfile: connectionFlags.authfile,
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Logout);
    const options = { authFile: flags.authfile };
    if (flags.all) {
      await logoutEverywhere(options);
      this.log('Removed login credentials for all registries');
      return;
    }
    const registry = argv[0] ?? (await defaultRegistry());
    await logout(registry, options);
    this.log(`Removed login credentials for ${registry}`);
  }
}
