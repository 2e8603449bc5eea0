import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { ignored } from '../src/cli/flag.ts';
import { formatValue, isJsonFormat } from '../src/cli/format.ts';
import { withGoNames } from '../src/cli/go-names.ts';
import { writeOut } from '../src/cli/output.ts';
import { shownAs } from '../src/cli/program.ts';
import { readSetting } from '../src/cli/settings.ts';
import { formatYaml } from '../src/cli/yaml.ts';
import { collectInfo } from '../src/engine/info.ts';
import { DEFAULT_LOG_DRIVER } from '../src/model/log.ts';

export default class Info extends BaseCommand {
  static override description = 'show what the host grants, where the store is and how containers run here';
  static override aliases = ['system:info'];
  static override usage = 'info [OPTIONS]';
  static override examples = ['tspod info', "tspod info --format '{{.Store.GraphDriverName}}'"];
  static override flags = {
    debug: Flags.boolean({ char: 'D', ...ignored }),
    format: Flags.string({ char: 'f', description: 'print as "json", or by a Go template', helpValue: 'FORMAT' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Info);
    const info = await collectInfo(
      shownAs.version,
      (await readSetting('log-driver', process.env)) ?? DEFAULT_LOG_DRIVER,
    );
    if (flags.format === undefined) writeOut(formatYaml(info));
    else if (isJsonFormat(flags.format)) writeOut(await formatValue(info, 'json'));
    else writeOut(await formatValue(withGoNames(info), flags.format));
  }
}
