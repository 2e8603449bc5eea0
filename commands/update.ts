import { BaseCommand } from '../src/cli/base-command.ts';
import { limitFlags } from '../src/cli/container-flags/resources.ts';
import { collectLimitChanges } from '../src/cli/container-request/resources.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { parsed } from '../src/cli/flag.ts';
import { containerArg, latestFlag } from '../src/cli/selection-flags.ts';
import { findContainers } from '../src/engine/list.ts';
import { updateContainer } from '../src/engine/update.ts';
import { parseRestartPolicy } from '../src/model/restart-policy.ts';

export default class Update extends BaseCommand {
  static override description = 'change the limits and the restart policy of a container';
  static override aliases = ['container:update'];
  static override usage = 'update [OPTIONS] CONTAINER';
  static override examples = ['tspod update --memory 512m --cpus 1.5 web', 'tspod update --restart on-failure:3 web'];
  static override args = containerArg;
  static override flags = {
    ...latestFlag,
    ...limitFlags,
    restart: parsed(parseRestartPolicy)({
      description: 'when to start again after an exit: no, always, unless-stopped, on-failure[:TIMES]',
      helpValue: 'POLICY',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv, given } = await this.parse(Update);
    const { names, latest } = readSelection(argv, flags, this.called);
    for (const container of findContainers(names, { latest })) {
      await updateContainer(container, { ...collectLimitChanges(flags, given), restart: flags.restart });
      this.log(container.config.id);
    }
  }
}
