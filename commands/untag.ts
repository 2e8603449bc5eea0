import * as Args from '@oclif/core/args';
import { BaseCommand } from '../src/cli/base-command.ts';
import { untagStoredImage } from '../src/engine/images/images.ts';

export default class Untag extends BaseCommand {
  static override description = 'take names from an image, which stays';
  static override usage = 'untag IMAGE [NAME...]';
  static override aliases = ['image:untag'];
  static override examples = ['tspod untag alpine', 'tspod untag alpine localhost/base:1'];
  static override args = {
    image: Args.string({ required: true, description: 'name or id of the image' }),
    name: Args.string({ multiple: true, description: 'names to take; all of them when none is given' }),
  };

  async run(): Promise<void> {
    const { argv } = await this.parse(Untag);
    const [image = '', ...names] = argv;
    await untagStoredImage(image, names);
  }
}
