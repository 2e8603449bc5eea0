import * as Args from '@oclif/core/args';
import { BaseCommand } from '../src/cli/base-command.ts';
import { readSelection } from '../src/cli/container-selection.ts';
import { writeOut } from '../src/cli/output.ts';
import { selectionFlags } from '../src/cli/selection-flags.ts';
import { findContainers, type Container } from '../src/engine/list.ts';
import { TspodError, UsageError } from '../src/errors.ts';
import { isUp } from '../src/model/container-status.ts';
import { listPorts, parseExposedPort } from '../src/model/port-mapping.ts';

export default class Port extends BaseCommand {
  static override description = 'show where the ports of a container are published';
  static override aliases = ['container:port'];
  static override usage = 'port [OPTIONS] CONTAINER [PORT[/PROTOCOL]]';
  static override examples = ['tspod port web', 'tspod port web 80/tcp', 'tspod port --all'];
  static override args = {
    container: Args.string({ description: 'name, id, or the beginning of an id' }),
    port: Args.string({ description: 'port inside; tcp unless another protocol follows' }),
  };
  static override flags = selectionFlags;

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Port);
    const [port, ...names] = flags.latest ? [argv[0], ...argv.slice(1)] : [argv[1], ...argv.slice(0, 1)];
    const { all, latest } = readSelection(names, flags, this.called);
    if (all && port !== undefined) {
      throw new UsageError('--all shows all ports of all containers: no port may be named', {
        remedy: 'tspod port --all',
      });
    }
    const wanted = port === undefined ? undefined : insideOf(port);
    for (const container of findContainers(names, { all, latest })) {
      if (!isUp(container.status)) continue;
      writeOut(wanted === undefined ? mappings(container, all) : lookUp(container, wanted));
    }
  }
}

/** `80` is `80/tcp`. */
function insideOf(port: string): string {
  const { containerPort, range, protocol } = parseExposedPort(port);
  if (range === 1) return `${containerPort}/${protocol}`;
  throw new UsageError(`"${port}" is not a port but a range`, { remedy: 'Write one: 80/tcp' });
}

function mappings({ config }: Container, isOneOfAll: boolean): string {
  const prefix = isOneOfAll ? `${config.id.slice(0, 12)}\t` : '';
  const ports = config.network.ports.flatMap(listPorts);
  return ports.map(({ inside, outside }) => `${prefix}${inside} -> ${outside}\n`).join('');
}

function lookUp({ config }: Container, wanted: string): string {
  const found = config.network.ports.flatMap(listPorts).filter(({ inside }) => inside === wanted);
  if (found.length === 0) {
    throw new TspodError(`"${config.name}" does not publish the port "${wanted}"`, {
      remedy: `tspod port ${config.name}`,
    });
  }
  return found.map(({ outside }) => `${outside}\n`).join('');
}
