import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { formatValue } from '../src/cli/format.ts';
import { writeOut } from '../src/cli/output.ts';
import { programVersion } from '../src/cli/program.ts';
import { hostPlatform } from '../src/model/platform.ts';

/** The version of Podman whose behaviour is the reference: scripts look at it. */
const API_VERSION = '4.3.1';

export default class Version extends BaseCommand {
  static override description = 'show the version';
  static override usage = 'version [OPTIONS]';
  static override examples = ['tspod version', "tspod version --format '{{.Client.Version}}'"];
  static override flags = {
    format: Flags.string({ char: 'f', description: 'print as "json", or by a Go template', helpValue: 'FORMAT' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Version);
    const { os, architecture } = hostPlatform(process.arch);
    const client = {
      APIVersion: API_VERSION,
      Version: programVersion,
      NodeVersion: process.version,
      OsArch: `${os}/${architecture}`,
      Os: os,
    };
    if (flags.format !== undefined) {
      writeOut(await formatValue({ Client: client }, flags.format));
      return;
    }
    const lines = [
      ['Client:', 'tspod Engine'],
      ['Version:', client.Version],
      ['API Version:', client.APIVersion],
      ['Node Version:', client.NodeVersion],
      ['OS/Arch:', client.OsArch],
    ];
    for (const [name = '', value = ''] of lines) this.log(`${name.padEnd(14)}${value}`);
  }
}
