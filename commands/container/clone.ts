import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { refusedFlags } from '../../src/cli/container-flags/refused.ts';
import { limitFlags } from '../../src/cli/container-flags/resources.ts';
import { collectLimitChanges } from '../../src/cli/container-request/resources.ts';
import { cloneContainer } from '../../src/engine/clone.ts';
import { findContainer } from '../../src/engine/list.ts';
import { removeOne } from '../../src/engine/remove.ts';
import { startContainer } from '../../src/engine/start.ts';
import { TspodError, UsageError } from '../../src/errors.ts';
import { isDown } from '../../src/model/container-status.ts';

export default class ContainerClone extends BaseCommand {
  static override description = 'make a container with the settings of another';
  static override usage = 'container clone [OPTIONS] CONTAINER [NAME] [IMAGE]';
  static override examples = ['tspod container clone web', 'tspod container clone --run --memory 1g web web-2'];
  static override args = {
    container: Args.string({ required: true, description: 'name, id, or the beginning of an id' }),
    name: Args.string({ description: 'name of the new container' }),
    image: Args.string({ description: 'another image for it, which is in the store' }),
  };
  static override flags = {
    ...limitFlags,
    destroy: Flags.boolean({ description: 'remove the original container' }),
    force: Flags.boolean({ char: 'f', description: 'with --destroy, remove the original container also when it runs' }),
    name: Flags.string({ description: 'name of the new container', helpValue: 'NAME' }),
    pod: refusedFlags.pod,
    run: Flags.boolean({ description: 'start the new container' }),
  };

  async run(): Promise<void> {
    const { flags, argv, given } = await this.parse(ContainerClone);
    const [container = '', name, image] = argv;
    if (name !== undefined && flags.name !== undefined) {
      throw new UsageError('the name of the clone is given twice', { remedy: 'Leave out --name or the argument.' });
    }
    if (flags.force && !flags.destroy) {
      throw new UsageError('--force says how to remove the original, and --destroy to do so is missing', {
        remedy: `${this.called} --help`,
      });
    }
    const original = findContainer(container);
    if (flags.destroy && !flags.force && !isDown(original.status)) {
      throw new TspodError(`cannot remove the original "${original.config.name}": it is ${original.status}`, {
        remedy: `tspod container clone --destroy --force ${original.config.name}`,
      });
    }
    const { set } = collectLimitChanges(flags, given);
    const { id } = await cloneContainer(original, { name: flags.name ?? name, image, resources: set });
    if (flags.destroy) await removeOne(original, { force: flags.force, volumes: false });
    if (flags.run) await startContainer(id, { attach: 'none' });
    this.log(id);
  }
}
