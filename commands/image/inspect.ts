import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { formatInspected } from '../../src/cli/inspect-fields.ts';
import { writeOut } from '../../src/cli/output.ts';
import { reportError } from '../../src/cli/report.ts';
import { inspectImage } from '../../src/engine/images/images.ts';

export default class ImageInspect extends BaseCommand {
  static override description = 'show what is known of an image';
  static override usage = 'image inspect [OPTIONS] IMAGE [IMAGE...]';
  static override examples = [
    'tspod image inspect alpine',
    "tspod image inspect --format '{{.Id}} {{.Config.Cmd}}' alpine",
  ];
  static override args = {
    image: Args.string({ required: true, multiple: true, description: 'name or id of the image' }),
  };
  static override flags = {
    format: Flags.string({
      char: 'f',
      description: 'print as "json", as "table ..", or by a Go template',
      helpValue: 'FORMAT',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ImageInspect);
    const found: unknown[] = [];
    for (const name of argv) {
      try {
        found.push(await inspectImage(name));
      } catch (error) {
        process.exitCode = reportError(error, process.env);
      }
    }
    writeOut(await formatInspected(found, flags.format));
  }
}
