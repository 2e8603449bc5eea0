import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { formatValue, isJsonFormat } from '../src/cli/format.ts';
import { writeOut } from '../src/cli/output.ts';
import { shownAs } from '../src/cli/program.ts';
import { describeVersion } from '../src/engine/version.ts';

export default class Version extends BaseCommand {
  static override description = 'show the version';
  static override usage = 'version [OPTIONS]';
  static override examples = ['tspod version', "tspod version --format '{{.Client.Version}}'"];
  static override flags = {
    format: Flags.string({ char: 'f', description: 'print as "json", or by a Go template', helpValue: 'FORMAT' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Version);
    const client = describeVersion(shownAs.version);
    if (flags.format !== undefined) {
      // Templates find the fields by themselves, and below `.Client` and `.Server`, which scripts ask for.
      const fields = isJsonFormat(flags.format) ? { Client: client } : { Client: client, Server: client, ...client };
      writeOut(await formatValue(fields, flags.format));
      return;
    }
    const lines = [
      ['Client:', 'tspod Engine'],
      ['Version:', client.Version],
      ['API Version:', client.APIVersion],
      ['Node Version:', client.NodeVersion],
      ['Built:', client.BuiltTime],
      ['OS/Arch:', client.OsArch],
    ];
    for (const [name = '', value = ''] of lines) this.log(`${name.padEnd(14)}${value}`);
  }
}
