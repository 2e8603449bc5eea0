import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { detachKeysFlag } from '../src/cli/container-flags/session.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { containerArg, latestFlag } from '../src/cli/selection-flags.ts';
import { attachToRunning } from '../src/engine/attach.ts';
import { findContainer, namesOrNewest } from '../src/engine/list.ts';

export default class Attach extends BaseCommand {
  static override description = 'attach to a running container';
  static override aliases = ['container:attach'];
  static override usage = 'attach [OPTIONS] CONTAINER';
  static override examples = ['tspod attach web', 'tspod attach --detach-keys ctrl-x shell'];
  static override args = containerArg;
  static override flags = {
    ...latestFlag,
    ...detachKeysFlag,
    'no-stdin': Flags.boolean({ description: 'do not attach standard input' }),
    'sig-proxy': Flags.boolean({ description: 'pass signals on to the process', default: true }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Attach);
    const { names, latest } = readSelection(argv, flags, this.called);
    const [name = ''] = namesOrNewest(names, { latest });
    const { config } = findContainer(name);
    attachToRunning(config.id, {
      stdin: !flags['no-stdin'],
      stdout: true,
      stderr: true,
      sigProxy: flags['sig-proxy'] && !config.process.tty,
      detachKeys: flags['detach-keys'],
    });
  }
}
