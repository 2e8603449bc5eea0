/** Durations and sizes as Podman prints them, which is as docker/go-units does. */

/** How long ago a moment was: `2 minutes ago`. */
export function humanAge(moment: string, nowMs: number): string {
  return `${humanSince(moment, nowMs)} ago`;
}

/** How long a moment is past: `2 minutes`. */
export function humanSince(moment: string, nowMs: number): string {
  return humanDuration(Math.max(0, nowMs - Date.parse(moment)));
}

/** `5 seconds`, `About a minute`, `3 weeks`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.floor(seconds / 3600 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(seconds / 3600 / 24 / 365)} years`;
}

/** `1.23 MB`: three digits, powers of 1000. */
export function humanSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 999.5 && unit < units.length - 1; unit++) size /= 1000;
  return `${Number(size.toPrecision(3))} ${units[unit] ?? ''}`;
}

/** `3.092MB`: four digits, powers of 1000. */
export function decimalSize(bytes: number): string {
  return scaled(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);
}

/** `2.949MiB`: four digits, powers of 1024. */
export function binarySize(bytes: number): string {
  return scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']);
}

function scaled(bytes: number, base: number, units: readonly string[]): string {
  let size = bytes;
  let unit = 0;
  for (; size >= base && unit < units.length - 1; unit++) size /= base;
  return `${Number(size.toPrecision(4))}${units[unit] ?? ''}`;
}

/** Go's time.Time.String(): `2026-11-20 10:00:00.123 +0000 UTC`. */
export function goTime(moment: string): string {
  return moment.replace(/^(\d{4}-\d\d-\d\d)T([\d:.]+)Z$/, '$1 $2 +0000 UTC');
}
