/** Events as `events` shows and filters them. */
import type { Event, EventType } from '../../model/event.ts';
import { checkWord, labelMatchers, type Matchers } from '../filter.ts';
import type { Fields } from '../format.ts';
import { goMoment } from '../go-time.ts';
import { goTime } from '../human.ts';
import { printable } from '../printable.ts';

export interface EventTextOptions {
  /** Ids in full. */
  readonly full: boolean;
}

/** One line for a person. */
export function eventText(event: Event, options: EventTextOptions): string {
  return printable(describe(event, options)); // Labels may hold anything.
}

function describe(
  { ID, Image, Name, Status, Time, Type, Attributes, ...rest }: Event,
  { full }: EventTextOptions,
): string {
  const id = full ? (ID ?? '') : (ID ?? '').slice(0, 12);
  const start = `${goTime(Time)} ${Type} ${Status}`;
  switch (Type) {
    case 'container':
    case 'pod': {
      const health = (['health_status', 'health_log'] as const).flatMap((key) =>
        rest[key] === undefined ? [] : [`${key}=${rest[key]}`],
      );
      const labels = Object.entries(Attributes ?? {}).map(([key, value]) => `${key}=${value}`);
      return `${start} ${id} (${[`image=${Image ?? ''}`, `name=${Name}`, ...health, ...labels].join(', ')})`;
    }
    case 'network':
      return `${start} ${id} (container=${id}, name=${Name})`;
    case 'image':
      return [start, id, Name, ...(rest.error === undefined ? [] : [rest.error])].join(' ');
    default:
      return Name === '' ? start : `${start} ${Name}`;
  }
}

/** Podman's object for an event: that of Podman 4, which has `Time`, and of Podman 5, which has the others. */
export function eventJson(event: Event): string {
  const time = nanoseconds(event.Time);
  const text = JSON.stringify({ ...event, time: Number(time / NANOSECONDS) });
  return `${text.slice(0, -1)},"timeNano":${time}}`; // No number of JavaScript has room for it.
}

/** What `{{.Field}}` finds. */
export const eventFields: Fields<Event> = {
  Attributes: ({ Attributes }) => Attributes ?? {},
  ContainerExitCode: ({ ContainerExitCode = 0 }) => ContainerExitCode,
  Error: ({ error = '' }) => error,
  HealthLog: ({ health_log = '' }) => health_log,
  HealthStatus: ({ health_status = '' }) => health_status,
  ID: ({ ID = '' }) => ID,
  Image: ({ Image = '' }) => Image,
  Name: ({ Name }) => Name,
  Network: ({ Type, Name }) => (Type === 'network' ? Name : ''),
  Status: ({ Status }) => Status,
  Time: ({ Time }) => goMoment(Time),
  TimeNano: ({ Time }) => nanoseconds(Time),
  Type: ({ Type }) => Type,
};

const NANOSECONDS = 1_000_000_000n;

/** @returns since 1970; 0 for what is no moment */
function nanoseconds(moment: string): bigint {
  const seconds = Math.floor(Date.parse(moment) / 1000) || 0;
  const [, fraction = ''] = /[.](\d{1,9})/.exec(moment) ?? [];
  return BigInt(seconds) * NANOSECONDS + BigInt(fraction.padEnd(9, '0'));
}

/** What `type` may be. */
export const TYPES = ['container', 'image', 'network', 'pod', 'system', 'volume'];

/** The keys of `events --filter`. */
export const eventMatchers: Matchers<Event> = {
  container: isOne('container'),
  event: hasStatus,
  image: isOne('image'),
  label: labelMatchers(({ Attributes }: Event) => Attributes ?? {}).label,
  network: isOne('network'),
  pod: isOne('pod'),
  status: hasStatus,
  type: (value) => {
    const wanted = checkWord(value, 'a type of events', TYPES);
    return ({ Type }) => Type === wanted;
  },
  volume: isOne('volume'),
};

function isOne(type: EventType) {
  return (value: string) =>
    ({ Type, ID = '', Name }: Event): boolean =>
      Type === type && (Name === value || (value !== '' && ID.startsWith(value)));
}

/** Docker's word is Podman's, too: `die`. */
function hasStatus(value: string) {
  const wanted = value === 'die' ? 'died' : value;
  return ({ Status }: Event): boolean => Status === wanted;
}
