import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { containerMatchers, containerOrders, containerView } from '../src/cli/container-view.ts';
import { applyFilters, parseFilter } from '../src/cli/filter.ts';
import { parsed } from '../src/cli/flag.ts';
import { formatRows } from '../src/cli/format.ts';
import { writeOut } from '../src/cli/output.ts';
import { findContainers, listContainers } from '../src/engine/list.ts';
import { NotFoundError } from '../src/errors.ts';
import { parseInteger } from '../src/model/numbers.ts';

export default class Ps extends BaseCommand {
  static override description = 'list containers';
  static override aliases = ['container:ps', 'container:ls', 'container:list'];
  static override usage = 'ps [OPTIONS]';
  static override examples = [
    'tspod ps --all',
    'tspod ps --filter status=exited --filter label=app=web --quiet',
    "tspod ps --format '{{.Names}}: {{.Status}}'",
  ];
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'all containers, not only those that run' }),
    external: Flags.boolean({ description: 'accepted for the sake of scripts written for Podman', hidden: true }),
    filter: parsed(parseFilter)({
      char: 'f',
      multiple: true,
      description: 'only containers with this property',
      helpValue: 'KEY=VALUE',
    }),
    format: Flags.string({ description: 'json, "table ..", or a Go template', helpValue: 'FORMAT' }),
    last: parsed((text) => parseInteger(text, { least: -1, most: 1_000_000 }))({
      char: 'n',
      description: 'the containers that were created last, whatever their status',
      helpValue: 'COUNT',
    }),
    latest: Flags.boolean({ char: 'l', description: 'the container that was created last, whatever its status' }),
    'no-trunc': Flags.boolean({ description: 'ids and commands in full' }),
    noheading: Flags.boolean({ description: 'no heading above the table' }),
    quiet: Flags.boolean({ char: 'q', description: 'ids alone' }),
    sort: Flags.string({
      description: 'what to sort by',
      options: Object.keys(containerOrders),
      default: 'created',
      helpValue: 'KEY',
    }),
    sync: Flags.boolean({ description: 'accepted for the sake of scripts written for Podman', hidden: true }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Ps);
    const nowMs = Date.now();
    const filters = flags.filter ?? [];
    const count = flags.latest ? 1 : (flags.last ?? -1);
    const containers = await listContainers();
    const all = flags.all || count >= 0 || filters.some(({ key }) => ['status', 'exited'].includes(key));
    const shown = all ? containers : containers.filter(({ status }) => status === 'running' || status === 'paused');
    const chosen = applyFilters(shown, filters, containerMatchers(this.find, nowMs));
    const order = containerOrders[flags.sort];
    const rows = (count >= 0 ? chosen.slice(chosen.length - Math.min(count, chosen.length)) : chosen).sort(order);
    const view = containerView({ nowMs, full: flags['no-trunc'] });
    if (flags.quiet && flags.format === undefined) {
      writeOut(rows.map(({ config }) => `${flags['no-trunc'] ? config.id : config.id.slice(0, 12)}\n`).join(''));
    } else {
      writeOut(await formatRows(rows, view, { format: flags.format, noHeading: flags.noheading }));
    }
  }

  private readonly find = (name: string) => {
    const [container] = findContainers([name]);
    if (!container) throw new NotFoundError(`no container with name or ID "${name}" found: no such container`);
    return container;
  };
}
