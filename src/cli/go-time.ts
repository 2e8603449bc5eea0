/** Go's time.Time, as templates see it: a field for each method without arguments, and `Format` with its layouts. */
import { UsageError } from '../errors.ts';
import { formatDuration } from '../model/duration.ts';

/**
 * A moment that prints as Go's time.Time does, has its everyday methods, and is RFC 3339 as JSON.
 *
 * @param text RFC 3339; anything else stays text
 * @see {@link https://pkg.go.dev/time#Time}
 */
export function goMoment(text: string): unknown {
  const [, wall, fraction = '', zone = ''] = RFC_3339.exec(text) ?? [];
  if (wall === undefined) return text;
  const nanosecond = Number(fraction.slice(0, 9).padEnd(9, '0'));
  const [, sign = '', hours = 0, minutes = 0] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  return momentOf({ wall: new Date(`${wall}Z`), nanosecond, offset }, text);
}

const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.](\d+))?(Z|[+-]\d\d:\d\d)$/;

/** What the clocks of a zone show. */
interface Clock {
  /** Its UTC fields are those of the zone; whole seconds. */
  readonly wall: Date;
  readonly nanosecond: number;
  /** minutes east of UTC */
  readonly offset: number;
}

function momentOf(clock: Clock, text: string): object {
  const { wall, nanosecond, offset } = clock;
  const seconds = wall.getTime() / 1000 - offset * 60;
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(nanosecond);
  const toString = () => formatClock(clock, '2006-01-02 15:04:05.999999999 -0700 MST');
  const since = (other: unknown) => nanoseconds - nanosecondsOf(other);
  const fields = {
    Day: () => wall.getUTCDate(),
    Hour: () => wall.getUTCHours(),
    IsZero: () => text === '0001-01-01T00:00:00Z',
    Minute: () => wall.getUTCMinutes(),
    Month: () => formatClock(clock, 'January'),
    Nanosecond: () => nanosecond,
    Second: () => wall.getUTCSeconds(),
    String: toString,
    UTC: () => momentOf({ wall: new Date(seconds * 1000), nanosecond, offset: 0 }, text),
    Unix: () => seconds,
    UnixMicro: () => seconds * 1e6 + Math.floor(nanosecond / 1000),
    UnixMilli: () => seconds * 1000 + Math.floor(nanosecond / 1e6),
    UnixNano: () => nanoseconds,
    Weekday: () => formatClock(clock, 'Monday'),
    Year: () => wall.getUTCFullYear(),
    YearDay: () => Number(formatClock(clock, '002')),
  };
  const methods = {
    After: (other: unknown) => since(other) > 0n,
    Before: (other: unknown) => since(other) < 0n,
    Equal: (other: unknown) => since(other) === 0n,
    Format: (layout: unknown) => formatClock(clock, layout),
    Sub: (other: unknown) => durationText(Number(since(other)) / 1e6),
    toString,
    toJSON: () => text,
  };
  const hidden = Object.entries(methods).map(([name, value]) => [name, { value }] as const);
  const getters = Object.entries(fields).map(([name, get]) => [name, { get }] as const);
  return Object.defineProperties({}, Object.fromEntries<PropertyDescriptor>([...hidden, ...getters]));
}

function nanosecondsOf(moment: unknown): bigint {
  if (typeof moment === 'object' && moment !== null && 'UnixNano' in moment && typeof moment.UnixNano === 'bigint') {
    return moment.UnixNano;
  }
  throw new UsageError('a template compares a time with what is none', {
    remedy: 'Write two times: {{.State.FinishedAt.Sub .State.StartedAt}}',
  });
}

function durationText(milliseconds: number): string {
  return `${milliseconds < 0 ? '-' : ''}${formatDuration(Math.abs(milliseconds))}`;
}

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** What a layout has of Go's reference time, Mon Jan 2 15:04:05 MST 2006; the rest stays as it is. */
const ELEMENT =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|__2|_2(?!006)|002|0[1-6]|15|[1-5]|PM|pm|[Z-]07(?::?00){0,2}|[.,](?:0+|9+)(?!\d)/g;

const ELEMENTS: Readonly<Record<string, (clock: Clock) => string>> = {
  January: ({ wall }) => MONTHS[wall.getUTCMonth()] ?? '',
  Jan: ({ wall }) => MONTHS[wall.getUTCMonth()]?.slice(0, 3) ?? '',
  '01': ({ wall }) => twoDigits(wall.getUTCMonth() + 1),
  '1': ({ wall }) => String(wall.getUTCMonth() + 1),
  Monday: ({ wall }) => DAYS[wall.getUTCDay()] ?? '',
  Mon: ({ wall }) => DAYS[wall.getUTCDay()]?.slice(0, 3) ?? '',
  '02': ({ wall }) => twoDigits(wall.getUTCDate()),
  _2: ({ wall }) => String(wall.getUTCDate()).padStart(2),
  '2': ({ wall }) => String(wall.getUTCDate()),
  '002': (clock) => String(dayOfYear(clock)).padStart(3, '0'),
  __2: (clock) => String(dayOfYear(clock)).padStart(3),
  '2006': ({ wall }) => String(wall.getUTCFullYear()).padStart(4, '0'),
  '06': ({ wall }) => twoDigits(wall.getUTCFullYear() % 100),
  '15': ({ wall }) => twoDigits(wall.getUTCHours()),
  '03': ({ wall }) => twoDigits(wall.getUTCHours() % 12 || 12),
  '3': ({ wall }) => String(wall.getUTCHours() % 12 || 12),
  PM: ({ wall }) => (wall.getUTCHours() < 12 ? 'AM' : 'PM'),
  pm: ({ wall }) => (wall.getUTCHours() < 12 ? 'am' : 'pm'),
  '04': ({ wall }) => twoDigits(wall.getUTCMinutes()),
  '4': ({ wall }) => String(wall.getUTCMinutes()),
  '05': ({ wall }) => twoDigits(wall.getUTCSeconds()),
  '5': ({ wall }) => String(wall.getUTCSeconds()),
  MST: ({ offset }) => (offset === 0 ? 'UTC' : formatZone(offset, '-0700')),
};

function formatClock(clock: Clock, layout: unknown): string {
  if (typeof layout !== 'string') {
    throw new UsageError('a template gives "Format" no layout', {
      remedy: 'Write how 2006-01-02 15:04:05 would look: {{.Created.Format "02.01.2006"}}',
    });
  }
  return layout.replace(ELEMENT, (element) => {
    const format = ELEMENTS[element];
    if (format) return format(clock);
    return /^[.,]/.test(element) ? formatFraction(clock.nanosecond, element) : formatZone(clock.offset, element);
  });
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

function dayOfYear({ wall }: Clock): number {
  return Math.floor((wall.getTime() - new Date(wall).setUTCMonth(0, 1)) / 86_400_000) + 1;
}

/** `.000` has that many digits, `.999` as many as it takes. */
function formatFraction(nanosecond: number, element: string): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, element.length - 1)
    .padEnd(element.length - 1, '0');
  const kept = element.endsWith('9') ? digits.replace(/0+$/, '') : digits;
  return kept === '' ? '' : `${element.charAt(0)}${kept}`;
}

/** @param offset minutes east of UTC */
function formatZone(offset: number, element: string): string {
  if (offset === 0 && element.startsWith('Z')) return 'Z';
  const parts = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60, 0].map(twoDigits);
  const shown = parts.slice(0, (element.match(/0[07]/g) ?? []).length);
  return `${offset < 0 ? '-' : '+'}${shown.join(element.includes(':') ? ':' : '')}`;
}
