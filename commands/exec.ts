import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { isatty } from 'node:tty';
import { BaseCommand } from '../src/cli/base-command.ts';
import { readEnvironmentFiles } from '../src/cli/container-request/environment.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { parsed } from '../src/cli/flag.ts';
import { writeError } from '../src/cli/output.ts';
import { latestFlag } from '../src/cli/selection-flags.ts';
import { execInContainer } from '../src/engine/exec.ts';
import { namesOrNewest } from '../src/engine/list.ts';
import { UsageError } from '../src/errors.ts';
import { parseDetachKeys } from '../src/model/detach-keys.ts';
import { resolveVariable } from '../src/model/environment.ts';
import { parseInteger } from '../src/model/numbers.ts';
import { parseUser } from '../src/model/user.ts';
import { parseWorkdir } from '../src/model/workdir.ts';

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
    cidfile: Flags.string({ description: 'read the id of the container from a file', helpValue: 'FILE' }),
    detach: Flags.boolean({ char: 'd', description: 'start the command and return' }),
    'detach-keys': parsed(parseDetachKeys)({
      description: 'keys that detach, with commas between them',
      helpValue: 'KEYS',
    }),
    env: Flags.string({
      char: 'e',
      multiple: true,
      description: 'set an environment variable; without a value, the one it has here',
      helpValue: 'NAME=VALUE',
    }),
    'env-file': Flags.string({
      multiple: true,
      description: 'read environment variables from a file, one a line',
      helpValue: 'FILE',
    }),
    interactive: Flags.boolean({ char: 'i', description: 'keep standard input open' }),
    'preserve-fds': parsed((text) => parseInteger(text, { least: 0, most: 1024 }))({
      description: 'pass this many file descriptors, from 3 on, to the process',
      helpValue: 'COUNT',
    }),
    'no-session': Flags.boolean({ description: 'no database of sessions is kept anyway', hidden: true }),
    privileged: Flags.boolean({ description: 'give the process all capabilities the container may have' }),
    tty: Flags.boolean({ char: 't', description: 'allocate a terminal for the process' }),
    user: parsed(parseUser)({
      char: 'u',
      description: 'user, and group, that the process runs as',
      helpValue: 'USER[:GROUP]',
    }),
    workdir: parsed(parseWorkdir)({
      char: 'w',
      description: 'directory that the process starts in; begins with a slash',
      helpValue: 'DIR',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Exec);
    const isChosen = flags.latest || flags.cidfile !== undefined;
    const [named = '', ...rest] = isChosen ? [chooseContainer(flags), ...argv] : argv;
    const command = rest;
    if (command.length === 0) {
      throw new UsageError(`"${this.called}" needs a container and a command`, { remedy: `${this.called} --help` });
    }
    if (flags.tty && flags.interactive && !flags.detach && !isatty(0)) {
      writeError('The input device is not a TTY. The --tty and --interactive flags might not work properly\n');
    }
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
