import * as Flags from '@oclif/core/flags';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { BaseCommand } from '../src/cli/base-command.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { integer } from '../src/cli/flag.ts';
import { formatRows } from '../src/cli/format.ts';
import { writeError, writeOut } from '../src/cli/output.ts';
import { clearScreen } from '../src/cli/screen.ts';
import { containerArgs, selectionFlags } from '../src/cli/selection-flags.ts';
import { statsView } from '../src/cli/views/stats-view.ts';
import { findContainers, sweepAndList, type Container } from '../src/engine/list.ts';
import { explainMissing, StatsSampler } from '../src/engine/stats.ts';
import { isUp } from '../src/model/container-status.ts';

const A_DAY = 86_400;

export default class Stats extends BaseCommand {
  static override description = 'show what containers use';
  static override aliases = ['container:stats'];
  static override usage = 'stats [OPTIONS] [CONTAINER...]';
  static override examples = [
    'tspod stats',
    'tspod stats --no-stream web',
    "tspod stats --format '{{.Name}} {{.CPUPerc}}'",
  ];
  static override args = containerArgs;
  static override flags = {
    ...selectionFlags,
    format: Flags.string({ description: 'print as "json", as "table ..", or by a Go template', helpValue: 'FORMAT' }),
    interval: integer(
      1,
      A_DAY,
    )({
      char: 'i',
      description: 'time between two samples, in seconds',
      default: 5,
      helpValue: 'SECONDS',
    }),
    'no-reset': Flags.boolean({ description: 'do not clear the screen before each sample' }),
    'no-stream': Flags.boolean({ description: 'take one sample and end' }),
    'no-trunc': Flags.boolean({ description: 'ids in full' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Stats);
    if (argv.length > 0 || flags.latest) readSelection(argv, flags, this.called);
    const select = async (): Promise<Container[]> => {
      if (argv.length > 0 || flags.latest) return findContainers(argv, { latest: flags.latest });
      const containers = await sweepAndList();
      return flags.all ? containers : containers.filter(({ status }) => isUp(status));
    };
    const sampler = new StatsSampler();
    const view = statsView({ full: flags['no-trunc'] });
    const isScreen = isatty(1) && !flags['no-stream'] && !flags['no-reset'] && flags.format !== 'json';
    const said = new Set<string>();
    for (;;) {
      const containers = await select();
      const rows = containers.map((container) => sampler.sample(container));
      const notes = await explainMissing(containers);
      writeOut((isScreen ? clearScreen() : '') + (await formatRows(rows, view, { format: flags.format })));
      for (const note of notes.filter((text) => isScreen || !said.has(text))) writeError(`${note}\n`);
      for (const note of notes) said.add(note);
      if (flags['no-stream']) return;
      await sleep(flags.interval * 1000);
    }
  }
}
