import { BaseCommand } from '../src/cli/base-command.ts';
import {
  actOnContainers,
  cidfileFlag,
  containerArgs,
  filterFlag,
  ignoreFlag,
  selectionFlags,
} from '../src/cli/container-selection.ts';
import { parsed } from '../src/cli/flag.ts';
import { findContainers } from '../src/engine/list.ts';
import { stopContainer } from '../src/engine/stop.ts';
import { parseSeconds } from '../src/model/duration.ts';

export default class Stop extends BaseCommand {
  static override description = 'stop running containers';
  static override aliases = ['container:stop'];
  static override usage = 'stop [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod stop web', 'tspod stop --all --time 2'];
  static override args = containerArgs;
  static override flags = {
    ...selectionFlags,
    ...cidfileFlag,
    ...filterFlag,
    ...ignoreFlag,
    time: parsed(parseSeconds)({
      char: 't',
      aliases: ['timeout'],
      description: 'how long a container may take to end before it is killed, in seconds',
      helpValue: 'SECONDS',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Stop);
    await actOnContainers(
      argv,
      flags,
      {
        called: this.called,
        find: findContainers,
        among: ({ status }) => status !== 'paused',
        together: true,
      },
      (container) => stopContainer(container, { timeoutSeconds: flags.time }),
    );
  }
}
