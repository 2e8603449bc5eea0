import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { detachKeysFlag } from '../src/cli/container-flags/session.ts';
import { actOnContainers, selectContainers } from '../src/cli/container-selection.ts';
import { containerArgs, filterFlag, latestFlag } from '../src/cli/selection-flags.ts';
import { attachContainer } from '../src/engine/attach.ts';
import { findContainers, findImageIds } from '../src/engine/list.ts';
import { startContainer } from '../src/engine/start.ts';
import { UsageError } from '../src/errors.ts';

export default class Start extends BaseCommand {
  static override description = 'start containers that exist';
  static override aliases = ['container:start'];
  static override usage = 'start [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['tspod start web', 'tspod start --attach --interactive shell'];
  static override args = containerArgs;
  static override flags = {
    ...latestFlag,
    ...filterFlag,
    attach: Flags.boolean({ char: 'a', description: 'attach to the output' }),
    all: Flags.boolean({ description: 'start all containers that do not run' }),
    ...detachKeysFlag,
    interactive: Flags.boolean({ char: 'i', description: 'attach standard input' }),
    'sig-proxy': Flags.boolean({ description: 'pass signals on to the process', default: true }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Start);
    const selecting = { called: this.called, find: findContainers, findImageIds, filtersNamed: true };
    if (flags.attach || flags.interactive) {
      const selected = await selectContainers(argv, flags, selecting);
      const container = selected[0]?.container;
      if (selected.length === 0 && process.exitCode !== undefined) return; // It has been said that there is none.
      if (!container || selected.length > 1) {
        throw new UsageError('only one container can be started and attached to at once', {
          remedy: `${this.called} --help`,
        });
      }
      await startContainer(container.config.id, { attach: 'expected' });
      attachContainer(container.config, {
        stdin: flags.interactive,
        stdout: true,
        stderr: true,
        sigProxy: flags['sig-proxy'] && !container.config.process.tty,
        detachKeys: flags['detach-keys'],
      });
    }
    await actOnContainers(argv, flags, selecting, ({ config }) => startContainer(config.id, { attach: 'none' }));
  }
}
