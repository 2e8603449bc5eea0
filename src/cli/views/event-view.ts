/** Events as `events` shows and filters them. */
import { UsageError } from '../../errors.ts';
import type { Event } from '../../model/event.ts';
import { hasLabel, type Matchers } from '../filter.ts';
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

/** What `{{.Field}}` finds. */
export function eventFields(event: Event): Readonly<Record<string, unknown>> {
  const {
    ContainerExitCode = 0,
    ID = '',
    Image = '',
    Name,
    Status,
    Time,
    Type,
    health_status = '',
    health_log = '',
    error = '',
    Attributes,
  } = event;
  return {
    Attributes: Attributes ?? {},
    ContainerExitCode,
    Error: error,
    HealthLog: health_log,
    HealthStatus: health_status,
    ID,
    Image,
    Name,
    Network: Type === 'network' ? Name : '',
    Status,
    Time: goTime(Time),
    Type,
  };
}

const TYPES = ['container', 'image', 'network', 'pod', 'system', 'volume'];

/** The keys of `events --filter`. */
export const eventMatchers: Matchers<Event> = {
  container: (event, value) => event.Type === 'container' && isCalled(event, value),
  event: ({ Status }, value) => Status === value,
  image: (event, value) => event.Type === 'image' && isCalled(event, value),
  label: ({ Attributes }, value) => hasLabel(Attributes ?? {}, value),
  network: (event, value) => event.Type === 'network' && isCalled(event, value),
  pod: (event, value) => event.Type === 'pod' && isCalled(event, value),
  status: ({ Status }, value) => Status === value,
  type: ({ Type }, value) => Type === checkType(value),
  volume: (event, value) => event.Type === 'volume' && isCalled(event, value),
};

function isCalled({ ID = '', Name }: Event, value: string): boolean {
  return Name === value || (value !== '' && ID.startsWith(value));
}

function checkType(value: string): string {
  if (TYPES.includes(value)) return value;
  throw new UsageError(`"${value}" is not a type of events`, { remedy: `There are: ${TYPES.join(', ')}` });
}
