import * as Flags from '@oclif/core/flags';
import { isatty } from 'node:tty';
import { BaseCommand } from '../src/cli/base-command.ts';
import { containerArgs, latestFlag, readSelection } from '../src/cli/container-selection.ts';
import { parsed } from '../src/cli/flag.ts';
import { LogPrinter } from '../src/cli/log-printer.ts';
import { parseTimestamp } from '../src/cli/timestamp.ts';
import { findContainers, type Container } from '../src/engine/list.ts';
import { readLogs } from '../src/engine/logs.ts';
import { parseInteger } from '../src/model/numbers.ts';

const moment = parsed((text) => parseTimestamp(text, Date.now()));

export default class Logs extends BaseCommand {
  static override description = 'show what containers have written';
  static override aliases = ['container:logs'];
  static override usage = 'logs [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod logs --follow --tail 20 web', 'tspod logs --since 10m --timestamps web db'];
  static override args = containerArgs;
  static override flags = {
    ...latestFlag,
    color: Flags.boolean({ description: 'the names of several containers in colours' }),
    follow: Flags.boolean({ char: 'f', description: 'go on until the containers end' }),
    names: Flags.boolean({ char: 'n', description: 'the name of the container before each line' }),
    since: moment({ description: 'only what was written after this moment, or in this duration', helpValue: 'TIME' }),
    tail: parsed((text) => parseInteger(text, { least: -1, most: Number.MAX_SAFE_INTEGER }))({
      description: 'only the last lines; -1 is all',
      helpValue: 'COUNT',
    }),
    timestamps: Flags.boolean({ char: 't', description: 'the time before each line' }),
    until: moment({ description: 'only what was written before this moment', helpValue: 'TIME' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Logs);
    const { names, latest } = readSelection(argv, flags, 'tspod logs');
    const containers = findContainers(names, { latest });
    const width = Math.max(...containers.map(({ config }) => config.name.length));
    const prefixOf = ({ config }: Container, index: number) => {
      if (!flags.names && containers.length === 1) return '';
      const prefix = flags.names ? config.name.padEnd(width) : config.id.slice(0, 12);
      return flags.color && isatty(1) ? `\x1b[${31 + (index % 6)}m${prefix}\x1b[0m` : prefix;
    };
    await Promise.all(
      containers.map(async (container, index) => {
        const printer = new LogPrinter({ prefix: prefixOf(container, index), timestamps: flags.timestamps });
        const options = {
          follow: flags.follow,
          tail: flags.tail === -1 ? undefined : flags.tail,
          sinceMs: flags.since,
          untilMs: flags.until,
        };
        await readLogs(container, options, (record) => {
          if (flags.follow && printer.isEmpty) queueMicrotask(() => printer.flush()); // After all that is there now.
          printer.print(record);
        });
        printer.flush();
      }),
    );
  }
}
