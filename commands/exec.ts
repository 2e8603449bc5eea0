import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { sessionFlags } from '../src/cli/container-flags/session.ts';
import { readEnvironmentFiles } from '../src/cli/container-request/environment.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { latestFlag } from '../src/cli/selection-flags.ts';
import { warnOfMissingTerminal } from '../src/cli/terminal-input.ts';
import { execInContainer } from '../src/engine/exec.ts';
import { namesOrNewest } from '../src/engine/list.ts';
import { UsageError } from '../src/errors.ts';
import { resolveVariable } from '../src/model/environment.ts';

export default class Exec extends BaseCommand {
  static override description = 'run a command in a running container';
  static override aliases = ['container:exec'];
  static override usage = 'exec [OPTIONS] CONTAINER COMMAND [ARG...]';
  static override examples = ['tspod exec -it web sh', 'tspod exec --user 1000 --env LANG=C web env'];
  static override strict = false; // Everything after CONTAINER is the command line.
  static override interspersed = false;
  static override args = {
    container: Args.string({ description: 'name, id, or the beginning of an id' }),
    command: Args.string({ multiple: true, description: 'command and arguments' }),
  };
  static override flags = {
    ...latestFlag,
    ...sessionFlags,
    cidfile: Flags.string({ description: 'read the id of the container from a file', helpValue: 'FILE' }),
    detach: Flags.boolean({ char: 'd', description: 'start the command and return' }),
    'no-session': Flags.boolean({ description: 'no database of sessions is kept anyway', hidden: true }),
    privileged: Flags.boolean({ description: 'give the process all capabilities the container may have' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Exec);
    const isChosen = flags.latest || flags.cidfile !== undefined;
    const [named = '', ...command] = isChosen ? [chooseContainer(flags), ...argv] : argv;
    if (command.length === 0) {
      throw new UsageError(`"${this.called}" needs a container and a command`, { remedy: `${this.called} --help` });
    }
    warnOfMissingTerminal(flags);
    await execInContainer(named, {
      command,
      tty: flags.tty,
      stdin: flags.interactive,
      detach: flags.detach,
      env: [
        ...readEnvironmentFiles(flags['env-file'], process.env),
        ...(flags.env ?? []).flatMap((text) => resolveVariable(text, process.env)),
      ],
      user: flags.user,
      workdir: flags.workdir,
      privileged: flags.privileged,
      preserveFds: flags['preserve-fds'] ?? 0,
      detachKeys: flags['detach-keys'],
    });
  }
}

/** @throws {UsageError} when both flags are given, or the file cannot be read */
function chooseContainer(flags: { readonly latest: boolean; readonly cidfile?: string | undefined }): string {
  const cidfile = flags.cidfile === undefined ? undefined : [flags.cidfile];
  const { names } = readSelection([], { latest: flags.latest, cidfile }, 'tspod exec');
  const [name = ''] = namesOrNewest(names, { latest: flags.latest });
  return name;
}
