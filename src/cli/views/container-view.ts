/** Containers as `ps` shows them. */
import { isUp } from '../../model/container-status.ts';
import { formatExposedPorts, formatPortMapping, joinPortMappings, type PortMapping } from '../../model/port-mapping.ts';
import type { View, Fields } from '../format.ts';
import { goTime, humanAge, humanSince, humanSize } from '../human.ts';
import { commandOf, imageId, imageName, isOver, type ContainerRow } from './container-row.ts';

export interface ViewOptions {
  readonly nowMs: number;
  /** Ids and commands in full. */
  readonly full: boolean;
  /** Columns that the table has besides the usual ones, or instead of them. */
  readonly also?: { readonly pod?: boolean; readonly size?: boolean; readonly namespaces?: boolean };
}

/** What is left of a longer command, before three dots. */
const COMMAND_WIDTH = 17;
/** What Go's time.Time{}.Unix() is: a moment that never was. */
const NEVER_SECONDS = -62_135_596_800;

/** Podman's table, template fields and JSON of `ps`. */
export function containerView({ nowMs, full, also = {} }: ViewOptions): View<ContainerRow> {
  const shown: Shown = {
    id: ({ config }) => (full ? config.id : config.id.slice(0, 12)),
    imageId: (row) => (full ? imageId(row) : imageId(row).slice(0, 12)),
    command: ({ config }) => {
      const text = commandOf(config).join(' ');
      return full || text.length <= COMMAND_WIDTH ? text : `${text.slice(0, COMMAND_WIDTH)}...`;
    },
    status: (row) => statusText(row, nowMs),
    created: ({ config }) => humanAge(config.created, nowMs),
  };
  return {
    columns: also.namespaces ? namespaceColumns(shown) : usualColumns(shown, also),
    fields: fieldsOf(shown),
    headings: HEADINGS,
    json: (row) => containerJson(row, shown),
  };
}

/** What the options, or the time, make of a row. */
type Shown = Readonly<Record<'id' | 'imageId' | 'command' | 'status' | 'created', (row: ContainerRow) => string>>;

type Columns = View<ContainerRow>['columns'];

function usualColumns({ id, command, created, status }: Shown, also: NonNullable<ViewOptions['also']>): Columns {
  const pods = [
    { heading: 'POD ID', cell: () => '' },
    { heading: 'PODNAME', cell: () => '' },
  ];
  return [
    { heading: 'CONTAINER ID', cell: id },
    { heading: 'IMAGE', cell: imageName },
    { heading: 'COMMAND', cell: command },
    { heading: 'CREATED', cell: created },
    { heading: 'STATUS', cell: status },
    { heading: 'PORTS', cell: portsText },
    { heading: 'NAMES', cell: ({ config }) => config.name },
    ...(also.pod ? pods : []),
    ...(also.size ? [{ heading: 'SIZE', cell: sizeText }] : []),
  ];
}

function namespaceColumns({ id }: Shown): Columns {
  return [
    { heading: 'CONTAINER ID', cell: id },
    { heading: 'NAMES', cell: ({ config }) => config.name },
    { heading: 'PID', cell: (row) => (isUp(row.status) ? String(row.init?.pid ?? '') : '') },
    ...NAMESPACE_COLUMNS.map(({ heading, namespace }) => ({
      heading,
      cell: ({ namespaces }: ContainerRow) => namespaces?.[namespace] ?? '',
    })),
  ];
}

function fieldsOf({ id, imageId, command, created, status }: Shown): Fields<ContainerRow> {
  return {
    AutoRemove: (row) => row.config.remove,
    CIDFile: (row) => row.config.cidfile ?? '',
    CGROUPNS: (row) => row.namespaces?.cgroup ?? '',
    Cgroup: (row) => row.namespaces?.cgroup ?? '',
    Command: command,
    Created: created,
    CreatedAt: (row) => goTime(row.config.created),
    CreatedHuman: created,
    Exited: isOver,
    ExitedAt: (row) => seconds(isOver(row) ? row.exit?.finishedAt : undefined),
    ExitCode: (row) => (isOver(row) ? (row.exit?.exitCode ?? 0) : 0),
    ExposedPorts: exposedPorts,
    ID: id,
    Image: imageName,
    ImageID: imageId,
    IPC: (row) => row.namespaces?.ipc ?? '',
    IsInfra: () => false,
    Label: (row) => (key: string) => row.config.labels[key] ?? '',
    Labels: (row) => row.config.labels,
    MNT: (row) => row.namespaces?.mnt ?? '',
    Mounts: (row) => row.config.mounts.map(({ target }) => target),
    NET: (row) => row.namespaces?.net ?? '',
    Names: (row) => row.config.name,
    Namespaces: namespaceJson,
    Networks: () => '', // Bridge networks, of which there are none.
    PIDNS: (row) => row.namespaces?.pid ?? '',
    Pid: (row) => (isUp(row.status) ? (row.init?.pid ?? 0) : 0),
    Pod: () => '',
    PodName: () => '',
    Ports: portsText,
    Restarts: (row) => row.init?.restartCount ?? 0,
    RunningFor: created,
    Size: sizeText,
    StartedAt: (row) => seconds(row.init?.startedAt ?? row.exit?.startedAt),
    State: (row) => row.status,
    Status: status,
    USERNS: (row) => row.namespaces?.user ?? '',
    User: (row) => row.namespaces?.user ?? '',
    UTS: (row) => row.namespaces?.uts ?? '',
  };
}

const HEADINGS = {
  ID: 'CONTAINER ID',
  IsInfra: 'IS INFRA',
  ImageID: 'IMAGE ID',
  Pod: 'POD ID',
  PodName: 'PODNAME',
  Label: 'LABEL',
  Cgroup: 'CGROUPNS',
  User: 'USERNS',
};

function containerJson(row: ContainerRow, shown: Shown) {
  return {
    AutoRemove: row.config.remove,
    CIDFile: row.config.cidfile ?? '',
    Command: commandOf(row.config),
    CreatedAt: shown.created(row),
    Exited: isOver(row),
    ExitedAt: seconds(isOver(row) ? row.exit?.finishedAt : undefined),
    ExitCode: isOver(row) ? (row.exit?.exitCode ?? 0) : 0,
    ExposedPorts: orNull(exposedPorts(row)),
    Id: row.config.id,
    Image: imageName(row),
    ImageID: imageId(row),
    IsInfra: false,
    Labels: orNull(row.config.labels),
    Mounts: row.config.mounts.map(({ target }) => target),
    Names: [row.config.name],
    Namespaces: namespaceJson(row),
    Networks: [],
    Pid: isUp(row.status) ? (row.init?.pid ?? 0) : 0,
    Pod: '',
    PodName: '',
    Ports: orNull(joinPortMappings(row.config.network.ports).map(portJson)),
    Restarts: row.init?.restartCount ?? 0,
    Size: row.size ?? null,
    StartedAt: seconds(row.init?.startedAt ?? row.exit?.startedAt),
    State: row.status,
    Status: shown.status(row),
    Created: seconds(row.config.created),
  };
}

/** As Go prints a list or a map that was never made. */
function orNull<T extends object>(value: T): T | null {
  return Object.keys(value).length === 0 ? null : value;
}

function portJson({ hostIp, hostPort, containerPort, range, protocol }: PortMapping) {
  return { host_ip: hostIp, container_port: containerPort, host_port: hostPort, range, protocol };
}

/** Protocols by port. */
function exposedPorts({ config }: ContainerRow): Record<string, string[]> {
  const byPort: Record<string, string[]> = {};
  for (const text of config.network.exposed ?? []) {
    const [port = '', protocol = ''] = text.split('/');
    (byPort[port] ??= []).push(protocol);
  }
  return byPort;
}

/** In the order of Podman's table. */
const NAMESPACE_COLUMNS = [
  { heading: 'CGROUPNS', namespace: 'cgroup', key: 'Cgroup' },
  { heading: 'IPC', namespace: 'ipc', key: 'Ipc' },
  { heading: 'MNT', namespace: 'mnt', key: 'Mnt' },
  { heading: 'NET', namespace: 'net', key: 'Net' },
  { heading: 'PIDNS', namespace: 'pid', key: 'Pidns' },
  { heading: 'USERNS', namespace: 'user', key: 'User' },
  { heading: 'UTS', namespace: 'uts', key: 'Uts' },
] as const;

function namespaceJson({ namespaces = {} }: ContainerRow): Record<string, string> {
  return Object.fromEntries(
    NAMESPACE_COLUMNS.flatMap(({ key, namespace }) => {
      const id = namespaces[namespace];
      return id === undefined ? [] : [[key, id]];
    }),
  );
}

function sizeText({ size }: ContainerRow): string {
  if (size === undefined) return '';
  const text = (bytes: number) => humanSize(bytes).replace(' ', '');
  return `${text(size.rwSize)} (virtual ${text(size.rootFsSize)})`;
}

function statusText(row: ContainerRow, nowMs: number): string {
  const { status, init, exit } = row;
  switch (status) {
    case 'running':
      return `Up ${humanSince(init?.startedAt ?? '', nowMs)}${healthText(row)}`;
    case 'exited':
      return exit === undefined
        ? 'Exited (by the reboot)'
        : `Exited (${exit.exitCode}) ${humanAge(exit.finishedAt, nowMs)}`;
    default:
      return status.charAt(0).toUpperCase() + status.slice(1);
  }
}

function healthText({ health }: ContainerRow): string {
  return health === undefined ? '' : ` (${health.status})`;
}

/** The published ports, then those that are exposed alone. */
function portsText({ config: { network } }: ContainerRow): string {
  const published = joinPortMappings(network.ports).map(formatPortMapping);
  return [...published, ...formatExposedPorts(network.exposed ?? [], network.ports)].join(', ');
}

function seconds(moment: string | undefined): number {
  return moment === undefined ? NEVER_SECONDS : Math.floor(Date.parse(moment) / 1000);
}
