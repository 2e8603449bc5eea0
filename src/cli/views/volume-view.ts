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
  readonly containers: readonly string[];
  /** Nothing is in it: what the image has is copied there when it is mounted. */
  readonly isEmpty: boolean;
  /** No container has mounted it: the first one's user gets it. */
  readonly isUnclaimed: boolean;
}

/** Podman's object for a volume. */
export function volumeJson({ name, path, created, labels, anonymous, isEmpty, isUnclaimed }: VolumeRow) {
  return {
    Name: name,
    Driver: 'local',
    Mountpoint: path,
    CreatedAt: created,
    Labels: labels,
    Scope: 'local',
    Options: {},
    ...(anonymous ? { Anonymous: true } : {}),
    MountCount: 0,
    NeedsCopyUp: isEmpty,
    ...(isUnclaimed ? { NeedsChown: true } : {}),
  };
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
    GID: () => 0,
    Labels: ({ labels }) => labels,
    MountCount: () => 0,
    Mountpoint: ({ path }) => path,
    Name: ({ name }) => name,
    NeedsChown: ({ isUnclaimed }) => isUnclaimed,
    NeedsCopyUp: ({ isEmpty }) => isEmpty,
    Options: () => ({}),
    Scope: () => 'local',
    Status: () => ({}),
    StorageID: () => '',
    Timeout: () => 0,
    UID: () => 0,
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
    opt: () => () => false,
    scope: (value) => () => value === 'local',
  };
}
