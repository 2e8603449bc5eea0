import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { parsed } from '../src/cli/flag.ts';
import { forEachReporting } from '../src/cli/report.ts';
import { containerArgs, latestFlag } from '../src/cli/selection-flags.ts';
import { findContainers } from '../src/engine/list.ts';
import { waitForCondition } from '../src/engine/wait.ts';
import { NotFoundError } from '../src/errors.ts';
import { parseWaitCondition, parseWaitInterval } from '../src/model/wait-condition.ts';

export default class Wait extends BaseCommand {
  static override description = 'wait until containers have ended, or for another state';
  static override aliases = ['container:wait'];
  static override usage = 'wait [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod wait job', 'tspod wait --condition healthy --condition exited db'];
  static override args = containerArgs;
  static override flags = {
    ...latestFlag,
    ignore: Flags.boolean({ description: 'print -1 for a container that does not exist' }),
    condition: Flags.string({
      multiple: true,
      delimiter: ',',
      description: 'state to wait for (stopped); of several the first that comes',
      helpValue: 'STATE',
    }),
    interval: parsed(parseWaitInterval)({
      char: 'i',
      description: 'how often to look for another state than the end, which is noticed at once (250ms)',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Wait);
    const { names, latest } = readSelection(argv, flags, this.called);
    const options = {
      conditions: (flags.condition ?? ['stopped']).map(parseWaitCondition),
      intervalMs: flags.interval ?? 250,
    };
    const wanted = latest ? findContainers([], { latest }).map(({ config }) => config.id) : names;
    await forEachReporting(wanted, async (name) => {
      try {
        for (const container of findContainers([name])) this.log(String(await waitForCondition(container, options)));
      } catch (error) {
        if (!flags.ignore || !(error instanceof NotFoundError)) throw error;
        this.log('-1');
      }
    });
  }
}
