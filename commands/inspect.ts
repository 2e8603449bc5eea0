import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { formatInspected } from '../src/cli/inspect-fields.ts';
import { writeOut } from '../src/cli/output.ts';
import { reportError } from '../src/cli/report.ts';
import { latestFlag } from '../src/cli/selection-flags.ts';
import { inspectContainer } from '../src/engine/inspect.ts';
import { findContainer, namesOrNewest } from '../src/engine/list.ts';
import { NotFoundError, UsageError } from '../src/errors.ts';

export default class Inspect extends BaseCommand {
  static override description = 'show all there is to know about containers, images or volumes';
  static override aliases = ['container:inspect'];
  static override usage = 'inspect [OPTIONS] NAME [NAME...]';
  static override examples = ['tspod inspect web', "tspod inspect --format '{{.State.Pid}}' web"];
  static override args = {
    name: Args.string({ multiple: true, description: 'name, id, or the beginning of an id' }),
  };
  static override flags = {
    ...latestFlag,
    format: Flags.string({
      char: 'f',
      description: 'print as "json", as "table ..", or by a Go template',
      helpValue: 'FORMAT',
    }),
    size: Flags.boolean({ char: 's', description: 'measure how much containers have written' }),
    type: Flags.string({
      char: 't',
      description: 'what the names stand for',
      options: ['all', 'container', 'image', 'volume'],
      default: 'all',
      helpValue: 'TYPE',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Inspect);
    const { names, latest } = readSelection(argv, flags, this.called);
    const wanted = namesOrNewest(names, { latest });
    const type = this.call.called.startsWith('container') ? 'container' : flags.type;
    const found: unknown[] = [];
    for (const name of wanted) {
      try {
        found.push(await inspectOne(name, { type, size: flags.size }));
      } catch (error) {
        process.exitCode = reportError(error, process.env);
      }
    }
    writeOut(await formatInspected(found, flags.format));
  }
}

interface InspectOptions {
  readonly type: string;
  readonly size: boolean;
}

async function inspectOne(name: string, { type, size }: InspectOptions): Promise<unknown> {
  try {
    if (type === 'volume') return await inspectVolume(name);
    if (type !== 'image') return size ? await inspectMeasured(name) : await inspectContainer(name);
  } catch (error) {
    if (type === 'container' || type === 'volume' || !(error instanceof NotFoundError)) throw error;
  }
  if (size && type === 'image') {
    throw new UsageError('--size is for containers: the size of an image is always shown', { remedy: 'Leave it out.' });
  }
  const { inspectImage } = await import('../src/engine/images/images.ts');
  try {
    return await inspectImage(name);
  } catch (error) {
    if (type === 'image' || !(error instanceof NotFoundError)) throw error;
  }
  try {
    return await inspectVolume(name);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new NotFoundError(`no such object: "${name}" is neither a container nor an image nor a volume`, {
      remedy: 'tspod ps --all',
    });
  }
}

async function inspectVolume(name: string): Promise<unknown> {
  const { findVolume } = await import('../src/engine/volumes/volumes.ts');
  const { volumeJson } = await import('../src/cli/views/volume-view.ts');
  return volumeJson(findVolume(name));
}

async function inspectMeasured(name: string): Promise<unknown> {
  const { measureContainers } = await import('../src/engine/details.ts');
  const [measured] = await measureContainers([findContainer(name)]);
  const { SizeRw, SizeRootFs } = { SizeRw: measured?.size.rwSize ?? 0, SizeRootFs: measured?.size.rootFsSize ?? 0 };
  return { ...(await inspectContainer(name)), SizeRw, SizeRootFs };
}
