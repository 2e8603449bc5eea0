import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { parsed } from '../../src/cli/flag.ts';
import { forEachReporting } from '../../src/cli/report.ts';
import { findVolume, listStoredVolumes, removeVolume, type ListedVolume } from '../../src/engine/volumes/volumes.ts';
import { NotFoundError, UsageError } from '../../src/errors.ts';
import { parseSeconds } from '../../src/model/duration.ts';

export default class VolumeRm extends BaseCommand {
  static override description = 'remove volumes with what is in them';
  static override usage = 'volume rm [OPTIONS] VOLUME [VOLUME...]';
  static override aliases = ['volume:remove'];
  static override examples = ['tspod volume rm data', 'tspod volume rm --force data'];
  static override args = { volume: Args.string({ multiple: true, description: 'its name, or the beginning of it' }) };
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'all volumes' }),
    force: Flags.boolean({
      char: 'f',
      description: 'remove the containers that use it, too; no error for one that is not there',
    }),
    time: parsed(parseSeconds)({
      char: 't',
      description: 'seconds until a container is killed',
      helpValue: 'SECONDS',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(VolumeRm);
    if (argv.length > 0 === flags.all) {
      throw new UsageError('either volumes are named, or --all is given', { remedy: 'tspod volume ls' });
    }
    const names = flags.all ? listStoredVolumes().map(({ name }) => name) : argv;
    await forEachReporting(names, async (name) => {
      const volume = findToRemove(name, flags);
      if (volume === undefined) return;
      await removeVolume(volume, { force: flags.force, timeoutSeconds: flags.time });
      this.log(name);
    });
  }
}

/** With --force it is fine that there is none, as in Podman. */
function findToRemove(name: string, { force }: { readonly force: boolean }): ListedVolume | undefined {
  try {
    return findVolume(name);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    if (force) return undefined;
    throw new NotFoundError(error.message, {
      ...(error.remedy && { remedy: error.remedy }),
      cause: error,
      exitCode: 1,
    });
  }
}
