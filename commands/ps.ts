import type { Interfaces } from '@oclif/core';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../src/cli/base-command.ts';
import { containerMatchers, filterContainers } from '../src/cli/container-filter.ts';
import { containerOrders, type ContainerRow } from '../src/cli/views/container-row.ts';
import { containerView } from '../src/cli/views/container-view.ts';
import { parseFilter, splitFilters } from '../src/cli/filter.ts';
import { ignored, integer, parsed } from '../src/cli/flag.ts';
import { formatRows } from '../src/cli/format.ts';
import { writeOut } from '../src/cli/output.ts';
import { findContainer, findImageIds, sweepAndList, type Container } from '../src/engine/list.ts';
import { UsageError } from '../src/errors.ts';
import { isUp } from '../src/model/container-status.ts';

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
    external: Flags.boolean({ ...ignored, aliases: ['storage'] }),
    filter: parsed(parseFilter)({
      char: 'f',
      multiple: true,
      description: 'only containers with this property',
      helpValue: 'KEY=VALUE',
    }),
    format: Flags.string({ description: 'print as "json", as "table ..", or by a Go template', helpValue: 'FORMAT' }),
    last: integer(
      -1,
      1_000_000,
    )({
      char: 'n',
      description: 'the containers that were created last, whatever their status',
      helpValue: 'COUNT',
    }),
    latest: Flags.boolean({ char: 'l', description: 'the container that was created last, whatever its status' }),
    'no-trunc': Flags.boolean({ aliases: ['notruncate'], description: 'ids and commands in full' }),
    ns: Flags.boolean({ aliases: ['namespace'], description: 'the namespaces that the containers have' }),
    noheading: Flags.boolean({ description: 'no heading above the table' }),
    pod: Flags.boolean({ char: 'p', description: 'columns with the pods of the containers' }),
    quiet: Flags.boolean({ char: 'q', description: 'ids alone' }),
    size: Flags.boolean({ char: 's', description: 'a column with what the containers have written' }),
    sort: Flags.string({
      description: 'what to sort by',
      options: Object.keys(containerOrders),
      default: 'created',
      helpValue: 'KEY',
    }),
    sync: Flags.boolean(ignored),
    watch: integer(
      0,
      86_400,
    )({ char: 'w', description: 'show it again and again, after so many seconds; 0 is once', helpValue: 'SECONDS' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Ps);
    checkFlags(flags);
    if (!flags.watch) {
      writeOut(await this.list(flags));
      return;
    }
    const { setTimeout: sleep } = await import('node:timers/promises');
    const { clearScreen } = await import('../src/cli/screen.ts');
    for (;;) {
      writeOut(clearScreen() + (await this.list(flags)));
      await sleep(flags.watch * 1000);
    }
  }

  private async list(flags: PsFlags): Promise<string> {
    const nowMs = Date.now();
    const filters = splitFilters(flags.filter ?? [], containerMatchers(findContainer, nowMs));
    const count = flags.latest ? 1 : (flags.last ?? -1);
    const containers = await sweepAndList();
    const all = flags.all || count >= 0 || filters.some(({ key }) => ['status', 'exited'].includes(key));
    const shown = all ? containers : containers.filter(({ status }) => isUp(status));
    const chosen = await filterContainers(shown, filters, { find: findContainer, findImageIds });
    const last = count >= 0 ? chosen.slice(chosen.length - Math.min(count, chosen.length)) : chosen;
    const rows = (await addDetails(last, flags)).sort(containerOrders[flags.sort]);
    if (flags.quiet && flags.format === undefined) {
      return rows.map(({ config }) => `${flags['no-trunc'] ? config.id : config.id.slice(0, 12)}\n`).join('');
    }
    const also = { pod: flags.pod, size: flags.size, namespaces: flags.ns };
    const view = containerView({ nowMs, full: flags['no-trunc'], also });
    const format = flags.format?.replaceAll('.Namespaces.', '.'); // As in Podman, which writes them so itself.
    return await formatRows(rows, view, { format, noHeading: flags.noheading });
  }
}

type PsFlags = Interfaces.InferredFlags<typeof Ps.flags>;

/** What only some ask for is found out for those alone. */
async function addDetails(containers: readonly Container[], flags: PsFlags): Promise<ContainerRow[]> {
  const isSized = flags.size || flags.sort === 'size' || /\.Size\b/.test(flags.format ?? '');
  if (!isSized && !flags.ns) return [...containers];
  const { findNamespaces, measureContainers } = await import('../src/engine/details.ts');
  const sized = isSized ? await measureContainers(containers) : containers;
  return flags.ns ? findNamespaces(sized) : [...sized];
}

/** @throws {UsageError} in Podman's words when flags exclude each other */
function checkFlags({ quiet, size, ns, last, latest, watch }: PsFlags): void {
  const conflicts = [
    { isSo: latest && last !== undefined && last >= 0, text: 'last and latest are mutually exclusive' },
    { isSo: latest && watch, text: 'the watch and latest flags cannot be used together' },
    { isSo: quiet && (size || ns), text: 'quiet conflicts with size and namespace' },
    { isSo: size && ns, text: 'size and namespace options conflict' },
  ];
  const conflict = conflicts.find(({ isSo }) => isSo);
  if (conflict !== undefined) throw new UsageError(conflict.text, { remedy: 'tspod ps --help' });
}
