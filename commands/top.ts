import * as Args from '@oclif/core/args';
import { BaseCommand } from '../src/cli/base-command.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { writeOut } from '../src/cli/output.ts';
import { latestFlag } from '../src/cli/selection-flags.ts';
import { formatTable } from '../src/cli/table.ts';
import { parseTopColumns } from '../src/cli/views/top-view.ts';
import { findContainer, namesOrNewest } from '../src/engine/list.ts';
import { listProcesses } from '../src/engine/top.ts';

export default class Top extends BaseCommand {
  static override description = 'show the processes of a container';
  static override aliases = ['container:top'];
  static override usage = 'top [OPTIONS] CONTAINER [DESCRIPTOR...]';
  static override interspersed = false;
  static override examples = ['tspod top web', 'tspod top web pid user args', 'tspod top --latest pid,seccomp,capeff'];
  static override args = {
    container: Args.string({ description: 'name, id, or the beginning of an id' }),
    descriptor: Args.string({ multiple: true, description: 'what to show of each process' }),
  };
  static override flags = latestFlag;

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Top);
    const names = flags.latest ? [] : argv.slice(0, 1);
    const { latest } = readSelection(names, flags, this.called);
    const columns = parseTopColumns(argv.slice(names.length));
    const [name = ''] = namesOrNewest(names, { latest });
    const nowMs = Date.now();
    const rows = listProcesses(findContainer(name)).map((process) => columns.map(({ cell }) => cell(process, nowMs)));
    writeOut(formatTable([columns.map(({ heading }) => heading), ...rows]));
  }
}
