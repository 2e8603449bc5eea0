/** What the templates of `inspect` see: Go's structs, where Podman's JSON has other names and texts. */
import { formatEach, formatValue, normalizeFields } from './format.ts';
import type { Shape } from '../model/template/fields.ts';
import { jsonAs, withGoNames } from './go-names.ts';
import { goMoment } from './go-time.ts';
import { formatDuration } from '../model/duration.ts';

const TIMES = new Set(['Created', 'CreatedAt', 'UpdatedAt', 'StartedAt', 'FinishedAt', 'CheckpointedAt', 'RestoredAt']);

/** What is null in JSON is an empty map for these, and an empty list for all others. */
const MAPS = new Set(['Annotations', 'CgroupConf', 'Config', 'ExposedPorts', 'Labels', 'Volumes']);

/** Go's struct has these where the JSON leaves them out: OCI image-spec, "config". */
const IMAGE_CONFIG = {
  User: '',
  ExposedPorts: {},
  Env: [],
  Entrypoint: [],
  Cmd: [],
  Volumes: {},
  WorkingDir: '',
  Labels: {},
  StopSignal: '',
  ArgsEscaped: false,
};

const NO_LIST = jsonAs([], null);
const NO_MAP = jsonAs({}, null);

/** The same of other structs; null is a pointer that points nowhere. */
const CONTAINER = { SizeRw: null, SizeRootFs: 0 };
const STATE = { Checkpointed: false, CheckpointLog: '', CheckpointPath: '', Restored: false, RestoreLog: '' };
const NETWORK_SETTINGS = {
  AdditionalMacAddresses: NO_LIST,
  Networks: NO_MAP,
  SecondaryIPAddresses: NO_LIST,
  SecondaryIPv6Addresses: NO_LIST,
};
const CONTAINER_CONFIG = {
  ChrootDirs: NO_LIST,
  ExposedPorts: NO_MAP,
  Healthcheck: null,
  HealthLogDestination: '',
  HealthMaxLogCount: 0,
  HealthMaxLogSize: 0,
  Secrets: NO_LIST,
  StartupHealthCheck: null,
  Timezone: '',
};
const HEALTHCHECK = { Test: NO_LIST, StartPeriod: 0, Interval: 0, Timeout: 0, Retries: 0 };
const HOST_CONFIG = { IDMappings: null };
const MOUNT = { Name: '' };
const VOLUME = { Anonymous: false, GID: 0, NeedsChown: false, Status: NO_MAP, StorageID: '', Timeout: 0, UID: 0 };

/**
 * Show what was found, as JSON or through a template; a table of `inspect` has no heading, as in Podman.
 *
 * @param shape what templates know of all of them; missing where they may be of several kinds
 * @throws {UsageError} when the template is malformed or asks for what there is not
 */
export async function formatInspected(found: readonly unknown[], format = 'json', shape?: Shape): Promise<string> {
  if (format === 'json' || format === '') return await formatValue(found, undefined);
  const shown = await formatEach(found.map(inspectFields), normalizeFields(format), { shape });
  return found.length === 0 ? '' : shown;
}

/** The fields of a container, an image, a volume or a secret. */
export function inspectFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const fields = membersOf(value);
  if ('NetworkSettings' in value) return withHidden(fields, CONTAINER);
  if ('Mountpoint' in value) return withHidden(fields, VOLUME);
  if ('RootFS' in value) return withHidden(fields, { HealthCheck: fields.Config?.Healthcheck ?? null });
  return fields;
}

function membersOf(value: object): Fields {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fieldOf(key, item)]));
}

interface Fields {
  readonly [name: string]: unknown;
  readonly Config?: { readonly Healthcheck?: unknown };
}

/** Fields that a struct has in Go alone: neither in its JSON nor where it is printed as a whole. */
function withHidden(shown: object, fields: Readonly<Record<string, unknown>>): object {
  const missing = Object.entries(fields).filter(([key]) => !Object.hasOwn(shown, key));
  return Object.defineProperties(shown, Object.fromEntries(missing.map(([key, value]) => [key, { value }])));
}

function fieldOf(key: string, item: unknown): unknown {
  if (TIMES.has(key) && typeof item === 'string') return goMoment(item);
  if (item === null) return MAPS.has(key) ? NO_MAP : NO_LIST;
  if (key === 'History') return withGoNames(item);
  if (typeof item !== 'object') return item;
  if (key === 'State') return withHidden(withHealthcheck(membersOf(item)), STATE);
  if (key === 'HostConfig') return withHidden(membersOf(item), HOST_CONFIG);
  if (key === 'NetworkSettings') return withHidden(membersOf(item), NETWORK_SETTINGS);
  if (key === 'Health' || key === 'LogConfig') return membersOf(item);
  if (key === 'Healthcheck' || key === 'StartupHealthCheck') return withDurations({ ...HEALTHCHECK, ...item }, item);
  if (key === 'Mounts' && Array.isArray(item)) return item.map((mount: object) => withHidden({ ...mount }, MOUNT));
  if (key === 'Ports' || key === 'PortBindings') return withLists(item);
  return key === 'Config' ? jsonAs(configOf(item), item) : item;
}

/** Of a container, or else of an image. */
function configOf(config: object): object {
  if (!('sdNotifyMode' in config)) return withHidden({ ...IMAGE_CONFIG, ...membersOf(config) }, { Healthcheck: null });
  const members = Object.entries(membersOf(config)).map(([key, value]) => [CONFIG_NAMES[key] ?? key, value]);
  return withHidden({ SystemdMode: false, ...(Object.fromEntries(members) as object) }, CONTAINER_CONFIG);
}

/** Those of Go, where the JSON has others. */
const CONFIG_NAMES: Readonly<Record<string, string>> = {
  HealthcheckMaxLogCount: 'HealthMaxLogCount',
  HealthcheckMaxLogSize: 'HealthMaxLogSize',
  sdNotifyMode: 'SdNotifyMode',
};

/** Ports that are exposed alone have no addresses: nothing in JSON, an empty list in Go. */
function withLists(ports: object): unknown {
  return jsonAs(
    Object.fromEntries(Object.entries(ports).map(([port, list]) => [port, (list as unknown) ?? []])),
    ports,
  );
}

/** Go's durations: nanoseconds in JSON, `1m30s` as text. */
function withDurations(check: object, original: object): object {
  const members = Object.entries(check).map(([key, value]: [string, unknown]) =>
    typeof value === 'number' && DURATIONS.has(key)
      ? [key, Object.defineProperty(jsonAs({}, value), 'toString', { value: () => formatDuration(value / 1e6) })]
      : [key, value],
  );
  return jsonAs(Object.fromEntries(members) as object, original);
}

const DURATIONS = new Set(['Interval', 'StartPeriod', 'Timeout']);

/** The name that the field had before Podman 4, which still works there. */
function withHealthcheck(state: object): object {
  return 'Health' in state ? Object.defineProperty(state, 'Healthcheck', { value: state.Health }) : state;
}
