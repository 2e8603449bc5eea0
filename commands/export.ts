import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { exportContainer } from '../src/engine/export.ts';
import { findContainer } from '../src/engine/list.ts';
import { UsageError } from '../src/errors.ts';

export default class Export extends BaseCommand {
  static override description = 'write the root file system of a container as a tar archive';
  static override usage = 'export [OPTIONS] CONTAINER';
  static override aliases = ['container:export'];
  static override examples = ['tspod export --output web.tar web', 'tspod export web | tar -tf -'];
  static override args = {
    container: Args.string({ required: true, description: 'name, id, or the beginning of an id' }),
  };
  static override flags = {
    output: Flags.string({ char: 'o', description: 'file to write to, instead of standard output', helpValue: 'FILE' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Export);
    const [name = ''] = argv;
    if (flags.output?.includes(':')) {
      throw new UsageError(`invalid filename (should not contain ":") "${flags.output}"`, {
        remedy: `tspod export ${name} > ${flags.output}`,
      });
    }
    if (flags.output === undefined && process.stdout.isTTY) {
      throw new UsageError('refusing to export to terminal. Use -o flag or redirect', {
        remedy: `tspod export --output FILE ${name}`,
      });
    }
    await exportContainer(findContainer(name), flags.output);
  }
}
