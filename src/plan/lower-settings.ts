/** The first ops: what kind of container the monitor keeps, before it mounts anything (native/settings.h). */
import { join } from 'node:path/posix';
import { cidfilePath } from '../model/cidfile.ts';
import type { CgroupWrite } from './cgroup.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import type { IdMapping } from '../model/id-mapping.ts';
import { hasLogFile } from '../model/log.ts';
import { anonymousVolumes } from '../model/mount.ts';
import type { RuntimeSpec, SpecNamespace } from '../model/oci-runtime.ts';
import { healthOps } from './healthcheck.ts';
import type { LowerInput } from './lower.ts';
import { findUsernsHolder } from './namespaces.ts';
import { when, type Op } from './ops.ts';
import { cgroupOwnerOps } from './systemd.ts';
import type { IdMaps, PlanInput, PlanPaths } from './runtime-plan.ts';

/** systemd-journald.service(8) */
const JOURNAL_SOCKET = '/run/systemd/journal/socket';
/** The log that is written, and one older. */
const DEFAULT_LOG_FILES = 2;

/** Lower the settings of a start: those of the config, the namespaces and the cgroup. */
export function lowerSettings(
  { linux }: Pick<RuntimeSpec, 'linux'>,
  { input, maps, cgroup }: Pick<LowerInput, 'input' | 'maps' | 'cgroup'>,
): Op[] {
  return [...settings(input, maps), ...namespaceOps(linux.namespaces), ...cgroupOps({ input, maps, cgroup })];
}

/** Settings that `rename` and `update` change while the container runs. */
export function lowerChangeable(
  config: ContainerConfig,
  paths: Pick<PlanPaths, 'state' | 'run' | 'name' | 'volumes'>,
): Op[] {
  const { name, restart, remove, health } = config;
  return [
    ['name', name],
    ['restart', restart.name, restart.name === 'on-failure' ? restart.maxRetries : 0],
    ...when(remove, [
      'remove',
      ...[paths.state, paths.run, paths.name, cidfilePath(config) ?? ''],
      ...volumeHomes({ config, paths }),
    ]),
    ...healthOps(health),
  ];
}

function settings({ config, facts, paths, joined, attach, terminalSize, notifyMode }: PlanInput, maps: IdMaps): Op[] {
  const holder = findUsernsHolder(config, joined);
  const notify = notifyMode === 'ignore' ? undefined : paths.notifySocket;
  return [
    ['id', config.id],
    ['image', 'image' in config.root ? config.root.image.name : config.root.rootfs.path],
    ['state-dir', paths.state],
    ['run-dir', paths.run],
    ['events', paths.events, JSON.stringify(config.labels)],
    ...(holder === undefined ? mapOps(maps, facts) : [['userns-join', holder] as const]),
    ...(maps.init?.uidMap.map((range) => mapOp('init-uidmap', range)) ?? []),
    ...(maps.init?.gidMap.map((range) => mapOp('init-gidmap', range)) ?? []),
    logOp({ config, paths }),
    ['tty', yesNo(config.process.tty), ...(terminalSize ? [terminalSize.rows, terminalSize.columns] : [])],
    ['stdin', yesNo(config.process.stdin)],
    ['attach', attach ? 'expected' : 'none'],
    ['stop-signal', config.stopSignal],
    ['stop-timeout', config.stopTimeout],
    ...lowerChangeable(config, paths),
    ...when(config.lifetime !== undefined, ['lifetime', config.lifetime ?? 0]),
    ...when(notify !== undefined, ['notify-socket', notify ?? '']),
    ...when(notify !== undefined, ['notify-mode', notifyMode]),
    ...when(config.process.preserveFds > 0, ['keep-fds', config.process.preserveFds]),
  ];
}

function logOp({ config, paths }: Pick<PlanInput, 'config' | 'paths'>): Op {
  const { driver, maxSize, tag = '', maxFiles = DEFAULT_LOG_FILES } = config.log;
  return ['log', driver, logPath({ config, paths }), maxSize, tag, maxFiles];
}

function logPath({ config, paths }: Pick<PlanInput, 'config' | 'paths'>): string {
  if (config.log.driver === 'journald') return JOURNAL_SOCKET;
  if (!hasLogFile(config.log.driver)) return '';
  return config.log.path ?? join(paths.state, 'ctr.log');
}

function volumeHomes({ config, paths }: { config: ContainerConfig; paths: Pick<PlanPaths, 'volumes'> }): string[] {
  return anonymousVolumes(config.mounts).flatMap(({ name }) => paths.volumes[name]?.home ?? []);
}

/** The map of the monitor's own user namespace, and who writes it. */
function mapOps({ uidMap, gidMap }: IdMaps, { uid, helpers: { newuidmap, newgidmap } }: PlanInput['facts']): Op[] {
  const isMapped = uid !== 0 && (uidMap.length > 1 || gidMap.length > 1); // Root needs no helper: user_namespaces(7).
  return [
    ...uidMap.map((range) => mapOp('uidmap', range)),
    ...gidMap.map((range) => mapOp('gidmap', range)),
    ...when(isMapped && newuidmap !== undefined, ['newuidmap', newuidmap ?? '']),
    ...when(isMapped && newgidmap !== undefined, ['newgidmap', newgidmap ?? '']),
  ];
}

function mapOp(name: string, { inside, outside, size }: IdMapping): Op {
  return [name, inside, outside, size];
}

function namespaceOps(namespaces: readonly SpecNamespace[]): Op[] {
  const of = (type: SpecNamespace['type']): readonly string[] => {
    const found = namespaces.find((namespace) => namespace.type === type);
    if (found === undefined) return ['host'];
    return found.path === undefined ? ['new'] : ['path', found.path];
  };
  return [
    ['netns', ...of('network')],
    ...(['pid', 'ipc', 'uts', 'cgroup'] as const).map((kind): Op => ['ns', kind, ...of(kind)]),
  ];
}

/** One write to the container's cgroup. */
export function cgroupWriteOp({ file, value, instead }: CgroupWrite): Op {
  return ['cgroup-write', file, value, ...(instead === undefined ? [] : [instead.file, instead.value])];
}

function cgroupOps({ input: { config, facts }, maps, cgroup }: Pick<LowerInput, 'input' | 'maps' | 'cgroup'>): Op[] {
  if (config.cgroups === 'disabled' || facts.cgroup.manager === 'none') return [['cgroup', 'none']];
  return [
    ['cgroup', 'scope', ...facts.cgroup.controllers],
    ...cgroup.map(cgroupWriteOp),
    ...cgroupOwnerOps(config, maps),
  ];
}

function yesNo(value: boolean): 'yes' | 'no' {
  return value ? 'yes' : 'no';
}
