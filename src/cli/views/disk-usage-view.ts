/** Disk usage as `system df` shows it. */
import type { ContainerConfig } from '../../model/container-config.ts';
import { repositoryOf, tagOf } from '../../model/image-names.ts';
import { fieldValues, type Fields, type View } from '../format.ts';
import { decimalSize, humanSince } from '../human.ts';
import { formatTable } from '../table.ts';

interface Total {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  /** bytes */
  readonly size: number;
  /** bytes */
  readonly reclaimable: number;
}

/** What the engine knows about every single thing. */
interface Details {
  readonly images: readonly {
    readonly image: {
      readonly id: string;
      readonly names: readonly string[];
      readonly created: string;
      readonly size: number;
    };
    readonly shared: number;
    readonly containers: number;
  }[];
  readonly containers: readonly {
    readonly container: {
      readonly config: Pick<ContainerConfig, 'id' | 'name' | 'created' | 'root' | 'process'>;
      readonly status: string;
    };
    readonly size: number;
    readonly volumes: number;
  }[];
  readonly volumes: readonly { readonly name: string; readonly size: number; readonly links: number }[];
}

const totalFields: Fields<Total> = {
  Type: ({ type }) => type,
  Total: ({ total }) => total,
  Active: ({ active }) => active,
  RawSize: ({ size }) => size,
  RawReclaimable: ({ reclaimable }) => reclaimable,
  Size: ({ size }) => decimalSize(size),
  Reclaimable: reclaimable,
};

/** Podman's table, template fields and JSON of `system df`. */
export const totalsView: View<Total> = {
  columns: [
    { heading: 'TYPE', cell: ({ type }) => type },
    { heading: 'TOTAL', cell: ({ total }) => String(total) },
    { heading: 'ACTIVE', cell: ({ active }) => String(active) },
    { heading: 'SIZE', cell: ({ size }) => decimalSize(size) },
    { heading: 'RECLAIMABLE', cell: reclaimable },
  ],
  fields: totalFields,
  json: (row) => fieldValues(row, totalFields),
};

function reclaimable(row: Total): string {
  const percent = row.size === 0 ? 0 : Math.round((row.reclaimable / row.size) * 100);
  return `${decimalSize(row.reclaimable)} (${percent}%)`;
}

/** The three tables of `system df --verbose`. */
export function formatDetails({ images, containers, volumes }: Details, nowMs: number): string {
  const imageRows = images.map(({ image, shared, containers: count }) => {
    const [name] = image.names;
    return [
      name === undefined ? '<none>' : repositoryOf(name),
      (name === undefined ? undefined : tagOf(name)) ?? '<none>',
      image.id.replace('sha256:', '').slice(0, 12),
      humanSince(image.created, nowMs),
      decimalSize(image.size),
      decimalSize(shared),
      decimalSize(image.size - shared),
      String(count),
    ];
  });
  const containerRows = containers.map(({ container: { config, status }, size, volumes: count }) => [
    config.id.slice(0, 12),
    'image' in config.root ? config.root.image.id.replace('sha256:', '').slice(0, 12) : '',
    [...config.process.entrypoint, ...config.process.command].join(' '),
    String(count),
    decimalSize(size),
    humanSince(config.created, nowMs),
    status,
    config.name,
  ]);
  const volumeRows = volumes.map(({ name, size, links }) => [name, String(links), decimalSize(size)]);
  return [
    section('Images space usage:', IMAGE_HEADINGS, imageRows),
    section('Containers space usage:', CONTAINER_HEADINGS, containerRows),
    section('Local Volumes space usage:', ['VOLUME NAME', 'LINKS', 'SIZE'], volumeRows),
  ].join('\n');
}

const IMAGE_HEADINGS = 'REPOSITORY,TAG,IMAGE ID,CREATED,SIZE,SHARED SIZE,UNIQUE SIZE,CONTAINERS'.split(',');
const CONTAINER_HEADINGS = 'CONTAINER ID,IMAGE,COMMAND,LOCAL VOLUMES,SIZE,CREATED,STATUS,NAMES'.split(',');

function section(title: string, headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${title}\n\n${formatTable([headings, ...rows])}`;
}
