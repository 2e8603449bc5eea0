/** `--pid`, `--ipc`, `--uts`, `--cgroupns`, `--userns`, `--network`: where a namespace comes from. */
import { UsageError } from '../errors.ts';
import type { NamespaceRequest, NetworkRequest, UsernsRequest } from './container-request.ts';
import { splitCommaList } from './comma-list.ts';
import { parseIdMapping } from './id-mapping.ts';

/**
 * Parse the mode of a pid, ipc, uts or cgroup namespace.
 *
 * @param flag for the error text: `--pid`
 * @throws {UsageError} when the mode is unknown
 */
export function parseNamespaceMode(text: string, flag: string): NamespaceRequest {
  if (text === 'host') return { kind: 'host' };
  if (flag === '--ipc' && (text === 'shareable' || text === 'none')) return { kind: 'private', scope: text };
  if (text === 'private' || text === '') return { kind: 'private' };
  const joined = parseJoined(text);
  if (joined) return joined;
  throw new UsageError(`"${text}" is not a mode for ${flag}${pathReason(text)}`, {
    remedy: `Choose private, host, container:NAME or ns:/PATH: ${flag}=private`,
  });
}

/**
 * Parse `--network`: a driver with its options (`slirp4netns:port_handler=slirp4netns,cidr=10.0.3.0/24`), `none`, `host`,
 * `private`, `container:NAME` or `ns:PATH`.
 *
 * @throws {UsageError} when it is none of them
 */
export function parseNetworkMode(text: string): NetworkRequest {
  const [, name = '', options] = /^([^:]+)(?::(.*))?$/.exec(text) ?? [];
  const list = options === undefined || options === '' ? [] : splitCommaList(options);
  if (name === 'slirp4netns' || text === 'private') return { kind: 'slirp4netns', options: slirpOptions(list, text) };
  if (name === 'pasta') return { kind: 'pasta', options: checkPasta(list, text) };
  if (text === 'none' || text === 'host') return { kind: text };
  const joined = parseJoined(text);
  if (joined) return joined;
  throw new UsageError(`"${text}" is not a network${pathReason(text)}`, {
    remedy: 'Choose slirp4netns, pasta, none, host, container:NAME or ns:/PATH: --network=none',
  });
}

/**
 * Parse `--userns`.
 *
 * @throws {UsageError} when the mode or an option of it is unknown
 */
export function parseUsernsMode(text: string): UsernsRequest {
  const joined = parseJoined(text);
  if (joined?.kind === 'container') return joined;
  const [, name = text, options = ''] = /^(keep-id|auto):(.+)$/.exec(text) ?? [];
  const pairs = (options === '' ? [] : options.split(',')).map((option) => option.split('=', 2) as [string, string]);
  const values = Object.fromEntries(pairs);
  const allowed: Readonly<Record<string, readonly string[]>> = {
    'keep-id': ['uid', 'gid'],
    auto: ['size', 'uidmapping', 'gidmapping'],
  };
  const unknown = Object.keys(values).find((key) => allowed[name]?.includes(key) !== true);
  if (unknown !== undefined) {
    throw new UsageError(`"${text}" is not a user namespace: ${name} has no option "${unknown}"`, {
      remedy: `Its options are: ${allowed[name]?.join(', ') ?? 'none'}`,
    });
  }
  const number = (key: string) => {
    if (!(key in values)) return {};
    if (/^\d{1,10}$/.test(values[key] ?? '')) return { [key]: Number(values[key]) };
    throw new UsageError(`"${text}" is not a user namespace: ${key} is not a number`, {
      remedy: `Write ${name}:${key}=1000`,
    });
  };
  if (name === 'keep-id') return { kind: 'keep-id', ...number('uid'), ...number('gid') };
  if (name === 'auto') {
    const mapping = (value = '') => {
      try {
        return parseIdMapping(value);
      } catch (cause) {
        throw new UsageError(`"${text}" is not a user namespace: ${(cause as UsageError).message}`, {
          remedy: 'Write CONTAINER:HOST:SIZE: auto:uidmapping=1000:0:1',
          cause,
        });
      }
    };
    const mappings = (key: string) => pairs.filter(([option]) => option === key).map(([, value]) => mapping(value));
    const [uidMap, gidMap] = [mappings('uidmapping'), mappings('gidmapping')];
    const forced = { ...(uidMap.length > 0 && { uidMap }), ...(gidMap.length > 0 && { gidMap }) };
    return { kind: 'auto', ...number('size'), ...forced };
  }
  if (name === 'nomap') return { kind: 'nomap' };
  if (name === 'host' || name === '' || name === 'private') return { kind: 'host' };
  throw new UsageError(`"${text}" is not a user namespace`, {
    remedy: 'Choose host, keep-id, keep-id:uid=U,gid=G, auto, nomap or container:NAME: --userns=keep-id',
  });
}

function parseJoined(text: string): { kind: 'container'; name: string } | { kind: 'path'; path: string } | undefined {
  const [, kind, rest = ''] = /^(container|ns):(.+)$/s.exec(text) ?? [];
  if (kind === 'container') return { kind: 'container', name: rest };
  if (kind === 'ns' && rest.startsWith('/')) return { kind: 'path', path: rest };
  return undefined;
}

function pathReason(text: string): string {
  return /^ns:[^/]/.test(text) ? ': the path of a namespace begins with a slash' : '';
}

/** An option of pasta's has one value at most; other words are a command to it, or a process. */
function checkPasta(words: readonly string[], text: string): readonly string[] {
  const stray = words.find((word, index) => !word.startsWith('-') && !words[index - 1]?.startsWith('-'));
  if (stray === undefined) return words;
  throw new UsageError(`"${text}" is not a network: pasta has no option "${stray}"`, {
    remedy: 'Its options begin with a dash, and their values follow after a comma: --network pasta:--mtu,1500',
  });
}

/** slirp4netns(1), as far as Podman passes them on. */
export const SLIRP_OPTIONS = [
  'allow_host_loopback',
  'cidr',
  'enable_ipv6',
  'mtu',
  'outbound_addr',
  'outbound_addr6',
  'port_handler',
];

function slirpOptions(options: readonly string[], text: string): Record<string, string> {
  return Object.fromEntries(
    options.map((option) => {
      const equals = option.indexOf('=');
      const name = equals < 0 ? option : option.slice(0, equals);
      if (equals < 0 || !SLIRP_OPTIONS.includes(name)) {
        throw new UsageError(`"${text}" is not a network: slirp4netns has no option "${option}"`, {
          remedy: `Its options, each with =VALUE, are: ${SLIRP_OPTIONS.join(', ')}`,
        });
      }
      return [name, option.slice(equals + 1)];
    }),
  );
}
