import { UsageError } from '../errors.ts';

export interface DeviceMapping {
  readonly host: string;
  readonly container: string;
  readonly permissions: string;
}

/**
 * Parse `--device`: `HOST[:CONTAINER][:PERMISSIONS]`, permissions out of `rwm`.
 *
 * @throws {UsageError} when the text has another form
 */
export function parseDevice(text: string): DeviceMapping {
  const [host = '', ...rest] = text.split(':');
  const permissions = rest.length > 0 && isPermissions(rest.at(-1) ?? '') ? rest.pop() : 'rwm';
  const [container = host, more] = rest;
  if (more === undefined && isPath(host) && isPath(container)) {
    return { host, container, permissions: permissions ?? 'rwm' };
  }
  throw new UsageError(`"${text}" is not a device`, { remedy: 'Write HOST[:CONTAINER][:rwm]: /dev/fuse:/dev/fuse:rw' });
}

function isPermissions(text: string): boolean {
  return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}

function isPath(text: string): boolean {
  return text.startsWith('/') && !text.includes('\0') && !text.split('/').includes('..');
}
