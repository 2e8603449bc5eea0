import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { applyFilters, parseFilter, withNegations } from '../src/cli/filter.ts';
import { parsed } from '../src/cli/flag.ts';
import { formatRows } from '../src/cli/format.ts';
import {
  imageJson,
  imageMatchers,
  imageOrders,
  imageView,
  matchesReference,
  rowsOf,
  shortId,
} from '../src/cli/views/image-view.ts';
import { writeOut } from '../src/cli/output.ts';
import { listStoredImages, type ListedImage } from '../src/engine/images/images.ts';
import { NotFoundError, UsageError } from '../src/errors.ts';

export default class Images extends BaseCommand {
  static override description = 'list images';
  static override usage = 'images [OPTIONS] [IMAGE]';
  static override aliases = ['image:ls', 'image:list'];
  static override examples = [
    'tspod images',
    'tspod images --filter dangling=true --quiet',
    "tspod images --format '{{.Repository}}:{{.Tag}} {{.Size}}'",
  ];
  static override args = { image: Args.string({ description: 'only images of this name; * and ? stand for others' }) };
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'intermediate images, too; tspod makes none' }),
    digests: Flags.boolean({ description: 'a column with the digests of the manifests' }),
    filter: parsed(parseFilter)({
      char: 'f',
      multiple: true,
      description: 'only images with this property',
      helpValue: 'KEY=VALUE',
    }),
    format: Flags.string({ description: 'print as "json", as "table ..", or by a Go template', helpValue: 'FORMAT' }),
    history: Flags.boolean({ description: 'a column with the names of the image, the latest first' }),
    'no-trunc': Flags.boolean({ description: 'ids in full' }),
    noheading: Flags.boolean({ char: 'n', description: 'no heading above the table' }),
    quiet: Flags.boolean({ char: 'q', description: 'ids alone' }),
    sort: Flags.string({
      description: 'what to sort by',
      options: Object.keys(imageOrders),
      default: 'created',
      helpValue: 'KEY',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Images);
    const [pattern] = argv;
    if (pattern !== undefined && flags.filter !== undefined) {
      throw new UsageError('cannot specify an image and a filter(s)', {
        remedy: `Write the image as a filter: --filter reference=${pattern}`,
      });
    }
    const nowMs = Date.now();
    const all = await listStoredImages();
    const chosen = applyFilters(all, flags.filter ?? [], withNegations(imageMatchers(finder(all), nowMs)));
    const isWanted = pattern === undefined ? undefined : matchesReference(pattern);
    const rows = chosen
      .flatMap(rowsOf)
      .filter(({ name }) => isWanted === undefined || (name !== undefined && isWanted(name)))
      .sort(imageOrders[flags.sort]);
    const images = [...new Set(rows.map(({ image }) => image))];
    if (flags.format === 'json') {
      writeOut(`${JSON.stringify(images.map(imageJson), null, 4)}\n`);
    } else if (flags.quiet) {
      writeOut(images.map((image) => `${flags['no-trunc'] ? image.id : shortId(image)}\n`).join(''));
    } else {
      const view = imageView({ nowMs, full: flags['no-trunc'], digests: flags.digests, history: flags.history });
      writeOut(await formatRows(rows, view, { format: flags.format, noHeading: flags.noheading }));
    }
  }
}

/** What `before` and `since` name, among the images that are listed. */
function finder(images: readonly ListedImage[]) {
  return (text: string): ListedImage => {
    const id = text.replace(/^sha256:/, '');
    const isNamed = matchesReference(text);
    const found = images.find((image) => image.id.startsWith(`sha256:${id}`) || image.names.some(isNamed));
    if (found === undefined) throw new NotFoundError(`"${text}": image not known`, { remedy: 'tspod images' });
    return found;
  };
}
