/** How volumes are shown, in Podman's fields. */
import type { View } from '../format.ts';
import { goMoment } from '../go-time.ts';
import { parseBoolean, parseExpression, type Matchers } from '../filter.ts';
import { prunableMatchers } from '../prune-filter.ts';

/** What is shown of a volume. */
export interface VolumeRow {
  readonly name: string;
  /** RFC 3339 */
  readonly created: string;
  readonly anonymous: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly path: string;
  /** As Podman shows them. */
  readonly options?: Readonly<Record<string, string>>;
  readonly mountCount: number;
  readonly containers: readonly string[];
  /** Nothing is in it: what the image has is copied there when it is mounted. */
  readonly isEmpty: boolean;
  /** No container has mounted it: the first one's user gets it. */
  readonly isUnclaimed: boolean;
}

/** Podman's object for a volume. */
export function volumeJson(volume: VolumeRow) {
  const { name, path, created, labels, anonymous, mountCount, isEmpty, isUnclaimed } = volume;
  const [uid, gid] = [idOf(volume, 'UID'), idOf(volume, 'GID')];
  return {
    Name: name,
    Driver: 'local',
    Mountpoint: path,
    CreatedAt: created,
    Labels: labels,
    Scope: 'local',
    Options: optionsOf(volume),
    ...(uid > 0 ? { UID: uid } : {}),
    ...(gid > 0 ? { GID: gid } : {}),
    ...(anonymous ? { Anonymous: true } : {}),
    MountCount: mountCount,
    NeedsCopyUp: isEmpty,
    ...(isUnclaimed ? { NeedsChown: true } : {}),
  };
}

/** Those of `--opt`: `--uid` and `--gid` are kept beside them, and shown as fields alone. */
function optionsOf({ options = {} }: VolumeRow): Readonly<Record<string, string>> {
  const words = options['o']?.split(',') ?? [];
  const isOfOpt = (key: string) => words.some((word) => word.startsWith(`${key.toLowerCase()}=`));
  return Object.fromEntries(
    Object.entries(options).filter(([key]) => (key !== 'UID' && key !== 'GID') || isOfOpt(key)),
  );
}

/** The owner that its options name. */
function idOf({ options = {} }: VolumeRow, key: 'UID' | 'GID'): number {
  return Number(options[key] ?? 0);
}

export const volumeView: View<VolumeRow> = {
  columns: [
    { heading: 'DRIVER', cell: () => 'local' },
    { heading: 'VOLUME NAME', cell: ({ name }) => name },
  ],
  fields: {
    Anonymous: ({ anonymous }) => anonymous,
    CreatedAt: ({ created }) => goMoment(created),
    Driver: () => 'local',
    GID: (volume) => idOf(volume, 'GID'),
    Labels: ({ labels }) => labels,
    MountCount: ({ mountCount }) => mountCount,
    Mountpoint: ({ path }) => path,
    Name: ({ name }) => name,
    NeedsChown: ({ isUnclaimed }) => isUnclaimed,
    NeedsCopyUp: ({ isEmpty }) => isEmpty,
    Options: optionsOf,
    Scope: () => 'local',
    Status: () => ({}),
    StorageID: () => '',
    Timeout: () => 0,
    UID: (volume) => idOf(volume, 'UID'),
  },
  headings: { Name: 'VOLUME NAME' },
  json: volumeJson,
};

/** @param nowMs the present, in milliseconds since 1970 */
export function volumeMatchers(nowMs: number): Matchers<VolumeRow> {
  return {
    ...prunableMatchers(nowMs),
    dangling: (value) => {
      const wanted = parseBoolean(value);
      return ({ containers }) => (containers.length === 0) === wanted;
    },
    driver: (value) => () => value === 'local',
    name: (value) => {
      const expression = parseExpression(value);
      return ({ name }) => expression.test(name);
    },
    opt: (value) => {
      const [key = '', ...rest] = value.split('=');
      const wanted = rest.length > 0 ? rest.join('=') : undefined;
      return ({ options = {} }) => key in options && (wanted === undefined || options[key] === wanted);
    },
    scope: (value) => () => value === 'local',
  };
}
