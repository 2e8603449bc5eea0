import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { readFileSync } from 'node:fs';
import { BaseCommand } from '../src/cli/base-command.ts';
import { parsed } from '../src/cli/flag.ts';
import { writeError } from '../src/cli/output.ts';
import { writeUserFile } from '../src/cli/user-file.ts';
import { commitContainer } from '../src/engine/commit.ts';
import { findContainer } from '../src/engine/list.ts';
import { TspodError, UsageError } from '../src/errors.ts';
import { parseImageChange, replaceSettings, type ImageChange } from '../src/model/image-change.ts';
import { decodeImageSettings } from '../src/model/image-settings.ts';

const change = parsed(parseImageChange);

export default class Commit extends BaseCommand {
  static override description = 'make an image of a container';
  static override usage = 'commit [OPTIONS] CONTAINER [IMAGE]';
  static override aliases = ['container:commit'];
  static override examples = [
    'tspod commit web localhost/web:2',
    `tspod commit --change 'CMD ["httpd", "-f"]' web site`,
  ];
  static override args = {
    container: Args.string({ required: true, description: 'name, id, or the beginning of an id' }),
    image: Args.string({ description: 'name of the image; without one it is found by its id' }),
  };
  static override flags = {
    author: Flags.string({ char: 'a', description: 'who made the image', helpValue: 'AUTHOR' }),
    change: change({
      char: 'c',
      multiple: true,
      description:
        'change what the image says, with CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR',
      helpValue: 'INSTRUCTION',
    }),
    config: Flags.string({
      description: 'file with settings of the image as JSON, which come before those of --change',
      helpValue: 'FILE',
    }),
    format: Flags.string({
      char: 'f',
      description: 'form of the image',
      options: ['oci', 'docker'],
      default: 'oci',
      helpValue: 'FORMAT',
    }),
    iidfile: Flags.string({ description: 'write the id of the image to a file', helpValue: 'FILE' }),
    'include-volumes': Flags.boolean({ description: 'the volumes of the container become volumes of the image' }),
    message: Flags.string({ char: 'm', description: 'a word about it; with --format docker', helpValue: 'TEXT' }),
    pause: Flags.boolean({ char: 'p', description: 'freeze the container meanwhile' }),
    quiet: Flags.boolean({ char: 'q', description: 'show no progress' }),
    squash: Flags.boolean({ char: 's', description: 'make one layer of all' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Commit);
    const { author, message, pause, squash, iidfile } = flags;
    const format = flags.format === 'docker' ? 'docker' : 'oci';
    if (message !== undefined && format === 'oci') {
      throw new UsageError('messages are only compatible with the docker image format (-f docker)', {
        remedy: 'tspod commit --format docker --message TEXT CONTAINER',
      });
    }
    const [name = '', image] = argv;
    const { id, ignored } = await commitContainer(findContainer(name), {
      name: image,
      author,
      changes: [...(flags.config === undefined ? [] : [readSettings(flags.config)]), ...(flags.change ?? [])],
      message,
      format,
      includeVolumes: flags['include-volumes'],
      pause,
      squash,
    });
    for (const instruction of ignored) {
      writeError(
        `Warning: ONBUILD is not supported for OCI image format, ${instruction} will be ignored. Must use \`docker\` format\n`,
      );
    }
    const hex = id.replace('sha256:', '');
    if (iidfile !== undefined) writeUserFile(iidfile, hex, 'the id of the image');
    this.log(hex);
  }
}

/** @throws {TspodError} when the file cannot be read, or is not JSON of an image's settings */
function readSettings(path: string): ImageChange {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TspodError(`cannot read the settings "${path}": ${(cause as Error).message}`, {
      cause,
      remedy: 'Give a file of JSON: --config FILE',
    });
  }
  return replaceSettings(decodeImageSettings(text, path));
}
