import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { formatValue, normalizeFields } from '../src/cli/format.ts';
import { writeOut } from '../src/cli/output.ts';
import { reportError } from '../src/cli/report.ts';
import { latestFlag } from '../src/cli/selection-flags.ts';
import { inspectContainer } from '../src/engine/inspect.ts';
import { findContainers } from '../src/engine/list.ts';
import { NotFoundError } from '../src/errors.ts';

export default class Inspect extends BaseCommand {
  static override description = 'show all there is to know about containers or images';
  static override aliases = ['container:inspect'];
  static override usage = 'inspect [OPTIONS] NAME [NAME...]';
  static override examples = ['tspod inspect web', "tspod inspect --format '{{.State.Pid}}' web"];
  static override args = {
    name: Args.string({ multiple: true, description: 'name, id, or the beginning of an id' }),
  };
  static override flags = {
    ...latestFlag,
    format: Flags.string({ char: 'f', description: 'print as "json", or by a Go template', helpValue: 'FORMAT' }),
    type: Flags.string({
      char: 't',
      description: 'what the names stand for',
      options: ['all', 'container', 'image'],
      default: 'all',
      helpValue: 'TYPE',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Inspect);
    const { names, latest } = readSelection(argv, flags, this.called);
    const wanted = latest ? findContainers([], { latest }).map(({ config }) => config.id) : names;
    const type = this.call.called.startsWith('container') ? 'container' : flags.type;
    const found: unknown[] = [];
    for (const name of wanted) {
      try {
        found.push(await inspectOne(name, type));
      } catch (error) {
        process.exitCode = reportError(error, process.env);
      }
    }
    if (flags.format === undefined || flags.format === 'json') writeOut(await formatValue(found, undefined));
    else for (const item of found) writeOut(await formatValue(item, normalizeFields(flags.format)));
  }
}

async function inspectOne(name: string, type: string): Promise<unknown> {
  try {
    if (type !== 'image') return inspectContainer(name);
  } catch (error) {
    if (type === 'container' || !(error instanceof NotFoundError)) throw error;
  }
  const { inspectImage } = await import('../src/engine/images.ts');
  try {
    return await inspectImage(name);
  } catch (error) {
    if (type === 'image' || !(error instanceof NotFoundError)) throw error;
    throw new NotFoundError(`no such object: "${name}" is neither a container nor an image`, {
      remedy: 'tspod ps --all',
    });
  }
}
