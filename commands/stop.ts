import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { cidfileFlag, containerArgs, readSelection, selectionFlags } from '../src/cli/container-selection.ts';
import { parsed } from '../src/cli/flag.ts';
import { reportError } from '../src/cli/report.ts';
import { findContainers } from '../src/engine/list.ts';
import { stopContainer } from '../src/engine/stop.ts';
import { NotFoundError } from '../src/errors.ts';
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
    ignore: Flags.boolean({ char: 'i', description: 'no error for a container that does not exist' }),
    time: parsed(parseSeconds)({
      char: 't',
      aliases: ['timeout'],
      description: 'how long a container may take to end before it is killed, in seconds',
      helpValue: 'SECONDS',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Stop);
    const { names, all, latest } = readSelection(argv, flags, 'tspod stop');
    const wanted = all || latest ? findContainers([], { all, latest }).map(({ config }) => config.id) : names;
    // Together: each may take its whole timeout.
    await Promise.all(
      wanted.map(async (name) => {
        try {
          for (const container of findContainers([name]))
            await stopContainer(container, { timeoutSeconds: flags.time });
          this.log(name);
        } catch (error) {
          if (flags.ignore && error instanceof NotFoundError) return;
          process.exitCode = reportError(error, process.env);
        }
      }),
    );
  }
}
