import * as Args from '@oclif/core/args';
import { BaseCommand } from '../src/cli/base-command.ts';
import { tagStoredImage } from '../src/engine/images/images.ts';

export default class Tag extends BaseCommand {
  static override description = 'give an image one more name';
  static override usage = 'tag IMAGE TARGET_NAME [TARGET_NAME...]';
  static override aliases = ['image:tag'];
  static override examples = ['tspod tag alpine localhost/base:1'];
  static override args = {
    image: Args.string({ required: true, description: 'name or id of the image' }),
    target: Args.string({ required: true, multiple: true, description: 'name, with or without a tag' }),
  };

  async run(): Promise<void> {
    const { argv } = await this.parse(Tag);
    const [image = '', ...targets] = argv;
    await tagStoredImage(image, targets);
  }
}
