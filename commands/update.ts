import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { healthFlags } from '../src/cli/container-flags/health.ts';
import { limitFlags } from '../src/cli/container-flags/resources.ts';
import { collectHealthUpdate } from '../src/cli/container-request/health.ts';
import { collectLimitChanges } from '../src/cli/container-request/resources.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { each, parsed } from '../src/cli/flag.ts';
import { containerArg, latestFlag } from '../src/cli/selection-flags.ts';
import { findContainer, namesOrNewest } from '../src/engine/list.ts';
import { updateContainer } from '../src/engine/update.ts';
import { resolveVariable } from '../src/model/environment.ts';
import { parseRestartPolicy } from '../src/model/restart-policy.ts';

export default class Update extends BaseCommand {
  static override description = 'change limits, restart policy, health check and variables of a container';
  static override aliases = ['container:update'];
  static override usage = 'update [OPTIONS] CONTAINER';
  static override examples = [
    'tspod update --memory 512m --cpus 1.5 web',
    'tspod update --restart on-failure:3 web',
    'tspod update --health-interval 10s --env LANG=C web',
  ];
  static override args = containerArg;
  static override flags = {
    ...latestFlag,
    ...limitFlags,
    ...healthFlags,
    env: Flags.string({
      char: 'e',
      description: 'set an environment variable from the next start on; without a value, the one it has here',
      helpValue: 'NAME=VALUE',
      ...each,
    }),
    restart: parsed(parseRestartPolicy)({
      description: 'when to start again after an exit: no, always, unless-stopped, on-failure[:TIMES]',
      helpValue: 'POLICY',
    }),
    unsetenv: Flags.string({
      description: 'take an environment variable away from the next start on',
      helpValue: 'NAME',
      ...each,
    }),
  };

  async run(): Promise<void> {
    const { flags, argv, given } = await this.parse(Update);
    const { names, latest } = readSelection(argv, flags, this.called);
    const update = {
      ...collectLimitChanges(flags, given),
      restart: flags.restart,
      health: collectHealthUpdate(flags),
      env: (flags.env ?? []).flatMap((text) => resolveVariable(text, process.env)),
      unsetEnv: flags.unsetenv ?? [],
    };
    const [name = ''] = namesOrNewest(names, { latest });
    const container = findContainer(name);
    await updateContainer(container, update);
    this.log(container.config.id);
  }
}
