import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { ignored } from '../src/cli/flag.ts';
import { copyFiles } from '../src/engine/copy.ts';
import { UsageError } from '../src/errors.ts';
import { parseCopyPaths } from '../src/model/copy-path.ts';

export default class Cp extends BaseCommand {
  static override description = 'copy files and directories between containers and this machine';
  static override usage = 'cp [OPTIONS] [CONTAINER:]SRC_PATH [CONTAINER:]DEST_PATH';
  static override aliases = ['container:cp'];
  static override examples = ['tspod cp app.conf web:/etc/app.conf', 'tspod cp web:/var/log - | tar -tf -'];
  static override args = {
    source: Args.string({ required: true, description: 'what to copy; "-" is a tar archive on standard input' }),
    destination: Args.string({ required: true, description: 'where to; "-" is a tar archive on standard output' }),
  };
  static override flags = {
    archive: Flags.boolean({
      char: 'a',
      default: true,
      description: 'what comes into a container belongs to the user that it runs as; else owners stay as they are',
    }),
    overwrite: Flags.boolean({ description: 'let directories give way to other files, and the other way round' }),
    pause: Flags.boolean(ignored),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Cp);
    const { from, to } = parseCopyPaths(argv[0] ?? '', argv[1] ?? '');
    if (to.kind === 'stream' && process.stdout.isTTY) {
      throw new UsageError('refusing to write an archive to the terminal', { remedy: 'Redirect it: > files.tar' });
    }
    if (from.kind === 'stream' && process.stdin.isTTY) {
      throw new UsageError('cannot read an archive from the terminal', { remedy: 'Redirect it: < files.tar' });
    }
    await copyFiles(from, to, flags);
  }
}
