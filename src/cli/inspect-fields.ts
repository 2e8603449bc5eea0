/** What the templates of `inspect` see: Go's structs, where Podman's JSON has other names and texts. */
import { compileLine, formatValue, normalizeFields } from './format.ts';
import { jsonAs, withGoNames } from './go-names.ts';
import { goTime } from './human.ts';

const TIMES = new Set(['Created', 'CreatedAt', 'UpdatedAt', 'StartedAt', 'FinishedAt', 'CheckpointedAt', 'RestoredAt']);

/** What is null in JSON is an empty map for these, and an empty list for all others. */
const MAPS = new Set(['Annotations', 'CgroupConf', 'Labels']);

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
};

/**
 * Show what was found, as JSON or each through a template.
 *
 * @throws {UsageError} when the template is malformed or asks for what there is not
 */
export async function formatInspected(found: readonly unknown[], format = 'json'): Promise<string> {
  if (format === 'json' || format === '') return await formatValue(found, undefined);
  const evaluate = await compileLine(normalizeFields(format));
  return found.map((item) => evaluate(inspectFields(item))).join('');
}

/** The fields of a container, an image, a volume or a secret. */
export function inspectFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fieldOf(key, item)]));
}

function fieldOf(key: string, item: unknown): unknown {
  if (TIMES.has(key) && typeof item === 'string') return timeOf(item);
  if (item === null) return jsonAs(MAPS.has(key) ? {} : [], null);
  if (key === 'History') return withGoNames(item);
  if (typeof item !== 'object') return item;
  if (key === 'State') return withHealthcheck(inspectFields(item) as object);
  if (key === 'HostConfig') return withIdMappings(inspectFields(item) as object);
  if (key === 'Health' || key === 'NetworkSettings') return inspectFields(item);
  if (key === 'Ports' || key === 'PortBindings') return withLists(item);
  return key === 'Config' ? jsonAs(configOf(item), item) : item;
}

/** Of a container, or else of an image. */
function configOf(config: object): object {
  if (!('sdNotifyMode' in config)) return { ...IMAGE_CONFIG, ...config };
  const { sdNotifyMode, ...rest } = config;
  return { SystemdMode: false, ...(inspectFields(rest) as object), SdNotifyMode: sdNotifyMode };
}

/** Ports that are exposed alone have no addresses: nothing in JSON, an empty list in Go. */
function withLists(ports: object): unknown {
  return jsonAs(
    Object.fromEntries(Object.entries(ports).map(([port, list]) => [port, (list as unknown) ?? []])),
    ports,
  );
}

/** Prints as Go's time.Time does, and is RFC 3339 as JSON. */
function timeOf(moment: string): object {
  return Object.defineProperties({}, { toString: { value: () => goTime(moment) }, toJSON: { value: () => moment } });
}

/** The name that the field had before Podman 4, which still works there. */
function withHealthcheck(state: object): object {
  return 'Health' in state ? Object.defineProperty(state, 'Healthcheck', { value: state.Health }) : state;
}

/** A pointer in Go, left out of JSON where there is no map. */
function withIdMappings(config: object): object {
  return 'IDMappings' in config ? config : Object.defineProperty(config, 'IDMappings', { value: null });
}
