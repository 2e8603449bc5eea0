import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { parsed } from '../src/cli/flag.ts';
import { forEachReporting } from '../src/cli/report.ts';
import { containerArgs, latestFlag } from '../src/cli/selection-flags.ts';
import { findContainer, namesOrNewest, type Container } from '../src/engine/list.ts';
import { waitForCondition, waitForFirst } from '../src/engine/wait.ts';
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
    'exit-first-match': Flags.boolean({
      description: 'wait for the first of the containers alone',
      aliases: ['return-on-first'],
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
    const wanted = namesOrNewest(names, { latest });
    // All of them before the first wait: a wrong name is said now, not at the end of another one.
    const containers = wanted.map((name) => findOne(name, flags));
    if (flags['exit-first-match']) {
      const present = containers.filter((container) => container !== undefined);
      this.log(String(present.length < containers.length ? -1 : await waitForFirst(present, options)));
      return;
    }
    await forEachReporting(containers, async (container) => {
      this.log(String(container === undefined ? -1 : await waitForCondition(container, options)));
    });
  }
}

/** Undefined when there is none, and that is no error. */
function findOne(name: string, { ignore }: { readonly ignore: boolean }): Container | undefined {
  try {
    return findContainer(name);
  } catch (error) {
    if (!ignore || !(error instanceof NotFoundError)) throw error;
    return undefined;
  }
}
