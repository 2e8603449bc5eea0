import * as Args from '@oclif/core/args';
import { BaseCommand } from '../src/cli/base-command.ts';
import { findContainer } from '../src/engine/list.ts';
import { renameContainer } from '../src/engine/rename.ts';

export default class Rename extends BaseCommand {
  static override description = 'give a container another name';
  static override aliases = ['container:rename'];
  static override usage = 'rename CONTAINER NAME';
  static override examples = ['tspod rename web old-web'];
  static override args = {
    container: Args.string({ required: true, description: 'name, id, or the beginning of an id' }),
    name: Args.string({ required: true, description: 'its new name' }),
  };

  async run(): Promise<void> {
    const { argv } = await this.parse(Rename);
    const [container = '', name = ''] = argv;
    await renameContainer(findContainer(container), name);
  }
}
