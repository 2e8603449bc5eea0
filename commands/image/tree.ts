import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { decimalSize } from '../../src/cli/human.ts';
import { shortId } from '../../src/cli/views/image-view.ts';
import { writeOut } from '../../src/cli/output.ts';
import { readImageTree, type LayerNode } from '../../src/engine/images/image-tree.ts';
import { digestHex } from '../../src/model/digest.ts';

export default class ImageTree extends BaseCommand {
  static override description = 'show the layers of an image as a tree';
  static override usage = 'image tree [OPTIONS] IMAGE';
  static override examples = ['tspod image tree alpine', 'tspod image tree --whatrequires alpine'];
  static override args = { image: Args.string({ required: true, description: 'name or id of the image' }) };
  static override flags = {
    whatrequires: Flags.boolean({ description: 'show what is made on top of the image instead' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ImageTree);
    const [name = ''] = argv;
    const { image, layers } = await readImageTree(name, { whatRequires: flags.whatrequires });
    const head = [
      `Image ID: ${shortId(image)}`,
      `Tags:     [${image.names.join(' ')}]`,
      `Size:     ${decimalSize(image.size)}`,
      layers.length > 0 ? 'Image Layers' : 'No Image Layers',
    ];
    writeOut(`${[...head, ...branches(layers, '')].join('\n')}\n`);
  }
}

function branches(nodes: readonly LayerNode[], indent: string): string[] {
  return nodes.flatMap((node, position) => {
    const isLast = position === nodes.length - 1;
    const line = `${indent}${isLast ? '└── ' : '├── '}${describe(node)}`;
    return [line, ...branches(node.children, `${indent}${isLast ? '    ' : '│   '}`)];
  });
}

function describe({ diffId, size, topOf }: LayerNode): string {
  const top = topOf.length > 0 ? ` Top Layer of: [${topOf.join(' ')}]` : '';
  return `ID: ${digestHex(diffId).slice(0, 12)} Size: ${decimalSize(size)}${top}`;
}
