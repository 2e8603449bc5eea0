import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { containerArgs, forEachReporting, latestFlag, readSelection } from '../src/cli/container-selection.ts';
import { findContainers } from '../src/engine/list.ts';
import { waitForContainer } from '../src/engine/stop.ts';
import { NotFoundError } from '../src/errors.ts';

export default class Wait extends BaseCommand {
  static override description = 'wait until containers have ended and print their exit status';
  static override aliases = ['container:wait'];
  static override usage = 'wait [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod wait job'];
  static override args = containerArgs;
  static override flags = {
    ...latestFlag,
    ignore: Flags.boolean({ description: 'print -1 for a container that does not exist' }),
    interval: Flags.string({
      char: 'i',
      description: 'accepted for the sake of scripts written for Podman; the end is noticed at once',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Wait);
    const { names, latest } = readSelection(argv, flags, 'tspod wait');
    const wanted = latest ? findContainers([], { latest }).map(({ config }) => config.id) : names;
    await forEachReporting(wanted, async (name) => {
      try {
        for (const container of findContainers([name])) this.log(String(await waitForContainer(container)));
      } catch (error) {
        if (!flags.ignore || !(error instanceof NotFoundError)) throw error;
        this.log('-1');
      }
    });
  }
}
