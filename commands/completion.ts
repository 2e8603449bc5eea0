import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { SCRIPTS, type Shell } from '../src/cli/completion/scripts.ts';
import { ignored } from '../src/cli/flag.ts';
import { writeOut } from '../src/cli/output.ts';
import { writeUserFile } from '../src/cli/user-file.ts';
import { UsageError } from '../src/errors.ts';

export default class Completion extends BaseCommand {
  static override description = 'print what lets a shell complete the command line';
  static override usage = 'completion [OPTIONS] bash|zsh|fish';
  static override examples = ['source <(tspod completion bash)', 'tspod completion --file ~/.zfunc/_tspod zsh'];
  static override args = { shell: Args.string({ required: true, description: 'bash, zsh or fish' }) };
  static override flags = {
    file: Flags.string({ char: 'f', description: 'write it to a file', helpValue: 'PATH' }),
    'no-desc': Flags.boolean(ignored),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Completion);
    const [shell = ''] = argv;
    if (!isShell(shell)) {
      throw new UsageError(`"${shell}" is not a shell that can be told`, { remedy: 'There are: bash, fish, zsh' });
    }
    if (flags.file === undefined) writeOut(SCRIPTS[shell]);
    else writeUserFile(flags.file, SCRIPTS[shell], 'the script');
  }
}

function isShell(text: string): text is Shell {
  return Object.hasOwn(SCRIPTS, text);
}
