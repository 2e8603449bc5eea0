import * as Args from '@oclif/core/args';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { imageExists } from '../../src/engine/images/images.ts';

export default class ImageExists extends BaseCommand {
  static override description = 'exit with 0 when an image is in the store, else with 1';
  static override usage = 'image exists IMAGE';
  static override examples = ['tspod image exists alpine || tspod pull alpine'];
  static override args = { image: Args.string({ required: true, description: 'name or id of the image' }) };

  async run(): Promise<void> {
    const { argv } = await this.parse(ImageExists);
    if (!(await imageExists(argv[0] ?? ''))) process.exitCode = 1;
  }
}
