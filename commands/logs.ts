import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { ignored, parsed } from '../src/cli/flag.ts';
import { LogPrinter } from '../src/cli/log-printer.ts';
import { writeError } from '../src/cli/output.ts';
import { containerArgs, latestFlag } from '../src/cli/selection-flags.ts';
import { parseTimestamp } from '../src/cli/timestamp.ts';
import { findContainers, type Container } from '../src/engine/list.ts';
import { readLogs, type LogSource } from '../src/engine/logs/logs.ts';
import { parseInteger } from '../src/model/numbers.ts';

const moment = (direction: 'ago' | 'ahead') => parsed((text) => parseTimestamp(text, Date.now(), direction));

export default class Logs extends BaseCommand {
  static override description = 'show what containers have written';
  static override aliases = ['container:logs'];
  static override usage = 'logs [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod logs --follow --tail 20 web', 'tspod logs --since 10m --timestamps web db'];
  static override args = containerArgs;
  static override flags = {
    ...latestFlag,
    color: Flags.boolean({ description: 'each of the containers in a colour of its own' }),
    details: Flags.boolean(ignored),
    follow: Flags.boolean({ char: 'f', description: 'go on until the containers end' }),
    names: Flags.boolean({
      char: 'n',
      description: 'with several containers, the name before each line instead of the id',
    }),
    since: moment('ago')({
      description: 'only what was written after this moment, or in this duration',
      helpValue: 'TIME',
    }),
    tail: parsed((text) => parseInteger(text, { least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER }))({
      description: 'only the last lines; a negative number is all',
      helpValue: 'COUNT',
    }),
    timestamps: Flags.boolean({ char: 't', description: 'the time before each line' }),
    until: moment('ahead')({
      description: 'only what is written before this moment, or in this duration from now',
      helpValue: 'TIME',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Logs);
    const { names, latest } = readSelection(argv, flags, this.called);
    const containers = findContainers(names, { latest });
    const prefixOf = ({ config }: Container) => {
      if (containers.length === 1) return '';
      return flags.names ? config.name : config.id.slice(0, 12);
    };
    const printer = new LogPrinter({ timestamps: flags.timestamps });
    const toSource = (container: Container, index: number): LogSource => ({
      container,
      reader: {
        take: printer.add({ prefix: prefixOf(container), color: flags.color ? index : undefined }),
        caughtUp: () => printer.flush(),
        missed: () => {
          printer.flush();
          writeError(describeMissed(container.config.name));
        },
      },
    });
    await readLogs(containers.map(toSource), {
      follow: flags.follow,
      tail: flags.tail !== undefined && flags.tail < 0 ? undefined : flags.tail,
      sinceMs: flags.since,
      untilMs: flags.until,
    });
    printer.flush();
  }
}

function describeMissed(name: string): string {
  return `Warning: "${name}" writes faster than it is read here: files of its log were removed unread, and lines are missing
  Keep more of them in a new container: --log-opt max-file=10\n`;
}
