import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { integer } from '../../src/cli/flag.ts';
import { createVolume } from '../../src/engine/volumes/volumes.ts';
import { UsageError } from '../../src/errors.ts';
import { parseKeyValues } from '../../src/model/key-value.ts';
import { MAX_ID, parseVolumeOptions, withOwner } from '../../src/model/volume-settings.ts';

export default class VolumeCreate extends BaseCommand {
  static override description = 'make a volume';
  static override usage = 'volume create [OPTIONS] [NAME]';
  static override examples = ['tspod volume create data', 'tspod volume create --label tier=db data'];
  static override args = { name: Args.string({ description: 'its name; without one, 64 random digits' }) };
  static override flags = {
    driver: Flags.string({ char: 'd', description: 'local is the only one', default: 'local', helpValue: 'DRIVER' }),
    gid: integer(0, MAX_ID)({ description: 'group that is to own it', helpValue: 'GID' }),
    ignore: Flags.boolean({ description: 'no error for a volume that exists' }),
    label: Flags.string({ char: 'l', multiple: true, description: 'a word about it', helpValue: 'KEY=VALUE' }),
    opt: Flags.string({
      char: 'o',
      multiple: true,
      description: 'what is mounted for it: type=, device=, o=; copy, nocopy',
      helpValue: 'OPTION',
    }),
    uid: integer(0, MAX_ID)({ description: 'user who is to own it', helpValue: 'UID' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(VolumeCreate);
    if (flags.driver !== 'local') {
      throw new UsageError(`"${flags.driver}" is not a driver for volumes`, { remedy: 'Leave out --driver' });
    }
    const labels = parseKeyValues(flags.label ?? [], 'label');
    const options = withOwner(parseVolumeOptions(flags.opt ?? []), { uid: flags.uid, gid: flags.gid });
    this.log(await createVolume({ name: argv[0], labels, options, ignore: flags.ignore }));
  }
}
