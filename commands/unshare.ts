import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { ignored } from '../src/cli/flag.ts';
import { unshare } from '../src/engine/unshare.ts';

export default class Unshare extends BaseCommand {
  static override description = 'run a program as root of your user namespace, where files of containers are yours';
  static override usage = 'unshare [COMMAND [ARG...]]';
  static override examples = ['tspod unshare ls -l ~/.local/share/tspod/volumes', 'tspod unshare'];
  static override strict = false;
  static override interspersed = false;
  static override args = {
    command: Args.string({ multiple: true, description: 'program and arguments; without, your shell' }),
  };
  static override flags = {
    'rootless-netns': Flags.boolean(ignored),
  };

  async run(): Promise<void> {
    const { argv } = await this.parse(Unshare);
    await unshare(argv);
  }
}
