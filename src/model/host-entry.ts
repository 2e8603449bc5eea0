import { UsageError } from '../errors.ts';
import { isIpAddress } from './port-mapping.ts';

/**
 * Check `--add-host`: `NAME:ADDRESS`; the address may be `host-gateway`.
 *
 * @throws {UsageError} when the text has another form
 */
export function parseHostEntry(text: string): string {
  const [, name = '', address = ''] = /^([^:\s]+):(.+)$/.exec(text) ?? [];
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (name !== '' && (bare === 'host-gateway' || isIpAddress(bare))) return `${name}:${bare}`;
  throw new UsageError(`"${text}" is not an entry for /etc/hosts`, { remedy: 'Write NAME:ADDRESS: db:10.0.0.5' });
}

/**
 * Check `--dns`: an address, or `none`, which keeps the image's /etc/resolv.conf.
 *
 * @throws {UsageError} when it is neither
 */
export function parseDnsServer(text: string): string {
  if (text === 'none' || isIpAddress(text)) return text;
  throw new UsageError(`"${text}" is not the address of a name server`, { remedy: 'Write an address: 1.1.1.1' });
}

/**
 * Check `--hostname`: hostname(7), up to 64 bytes as the kernel takes it.
 *
 * @throws {UsageError} when it is not a name for a host
 */
export function parseHostname(text: string): string {
  if (/^(?!-)[A-Za-z0-9_.-]{1,64}$/.test(text)) return text;
  throw new UsageError(`"${text}" is not a name for a host`, {
    remedy: 'Use up to 64 letters, digits, dots and hyphens: web-1',
  });
}
