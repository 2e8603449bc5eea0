import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { formatValue } from '../src/cli/format.ts';
import { writeOut } from '../src/cli/output.ts';
import { programVersion } from '../src/cli/program.ts';
import { formatYaml } from '../src/cli/yaml.ts';
import { collectInfo } from '../src/engine/info.ts';

export default class Info extends BaseCommand {
  static override description = 'show what the host grants, where the store is and how containers run here';
  static override aliases = ['system:info'];
  static override usage = 'info [OPTIONS]';
  static override examples = ['tspod info', "tspod info --format '{{.store.graphDriverName}}'"];
  static override flags = {
    debug: Flags.boolean({
      char: 'D',
      description: 'accepted for the sake of scripts written for Podman',
      hidden: true,
    }),
    format: Flags.string({ char: 'f', description: 'json, or a Go template', helpValue: 'FORMAT' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Info);
    const info = await collectInfo(programVersion);
    writeOut(
      flags.format === undefined
        ? formatYaml(info)
        : await formatValue(templateNames(info, flags.format), flags.format),
    );
  }
}

/** Podman's templates say `.Host.OS` and `.Store.GraphRoot` where its JSON says `host.os` and `store.graphRoot`. */
function templateNames(value: unknown, format: string): unknown {
  if (format === 'json' || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    const named = templateNames(item, format);
    const capital = key.charAt(0).toUpperCase() + key.slice(1);
    return capital === key
      ? [[key, named]]
      : [
          [key, named],
          [capital, named],
        ];
  });
  return Object.fromEntries(entries);
}
