import { BaseCommand } from '../src/cli/base-command.ts';
import { actOnContainers } from '../src/cli/container-selection.ts';
import { parsed } from '../src/cli/flag.ts';
import { cidfileFlag, containerArgs, selectionFlags } from '../src/cli/selection-flags.ts';
import { findContainers } from '../src/engine/list.ts';
import { killContainer } from '../src/engine/stop.ts';
import { isUp } from '../src/model/container-status.ts';
import { parseSignal } from '../src/model/signal.ts';

const SIGKILL = 9;

export default class Kill extends BaseCommand {
  static override description = 'send a signal to running containers';
  static override aliases = ['container:kill'];
  static override usage = 'kill [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod kill web', 'tspod kill --signal HUP web'];
  static override args = containerArgs;
  static override flags = {
    ...selectionFlags,
    ...cidfileFlag,
    signal: parsed(parseSignal)({ char: 's', description: 'signal to send', default: SIGKILL, helpValue: 'SIGNAL' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Kill);
    await actOnContainers(
      argv,
      flags,
      {
        called: this.called,
        find: findContainers,
        among: ({ status }) => isUp(status),
      },
      (container) => killContainer(container, flags.signal),
    );
  }
}
