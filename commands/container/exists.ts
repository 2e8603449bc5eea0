import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { ignored } from '../../src/cli/flag.ts';
import { findContainer } from '../../src/engine/list.ts';
import { NotFoundError } from '../../src/errors.ts';

export default class ContainerExists extends BaseCommand {
  static override description = 'exit with 0 when a container exists, else with 1';
  static override usage = 'container exists [OPTIONS] CONTAINER';
  static override examples = ['tspod container exists web || tspod run -d --name web nginx'];
  static override args = {
    container: Args.string({ required: true, description: 'name, id, or the beginning of an id' }),
  };
  static override flags = {
    external: Flags.boolean(ignored),
  };

  async run(): Promise<void> {
    const { argv } = await this.parse(ContainerExists);
    try {
      findContainer(argv[0] ?? '');
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      process.exitCode = 1;
    }
  }
}
