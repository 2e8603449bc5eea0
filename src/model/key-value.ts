import { UsageError } from '../errors.ts';

/**
 * Read `KEY=VALUE` texts, labels for example, into a record; a key alone has the empty value, later ones win.
 *
 * @param what the thing in the error text: `label`
 * @throws {UsageError} when there is no key
 */
export function parseKeyValues(texts: readonly string[], what: string): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      const key = equals < 0 ? text : text.slice(0, equals);
      if (key.trim() === '') {
        throw new UsageError(`"${text}" is not a ${what}: it has no key`, { remedy: 'Write KEY=VALUE: app=web' });
      }
      return [key, equals < 0 ? '' : text.slice(equals + 1)];
    }),
  );
}

/**
 * Check an annotation: `KEY=VALUE`, neither may be missing.
 *
 * @throws {UsageError} when there is no key or no equals sign
 */
export function parseAnnotation(text: string): string {
  if (/^[^=\s][^=]*=/.test(text)) return text;
  throw new UsageError(`"${text}" is not an annotation`, { remedy: 'Write KEY=VALUE: org.example.team=web' });
}

/**
 * Read `--cgroup-conf`: an interface file of cgroup v2 and what to write to it.
 *
 * @throws {UsageError} when the text has another form, or the file is no interface file
 */
export function parseCgroupSetting(text: string): { readonly key: string; readonly value: string } {
  const [, key = '', value = ''] = /^([a-z]+(?:\.[a-z0-9_]+)+)=(.+)$/.exec(text) ?? [];
  if (key !== '' && !key.startsWith('cgroup.')) return { key, value };
  throw new UsageError(`"${text}" is not a setting of a cgroup`, {
    remedy: 'Write FILE=VALUE: memory.high=1073741824',
  });
}

/** Read a `--label-file`: one `KEY=VALUE` a line, `#` begins a comment. */
export function parseKeyValueLines(content: string): string[] {
  return content
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * Read `--sysctl`: `net.ipv4.ip_forward=1`, with dots or slashes in the name.
 *
 * @throws {UsageError} when the text has another form, or the name leaves /proc/sys
 */
export function parseSysctl(text: string): { readonly key: string; readonly value: string } {
  const [, key = '', value = ''] = /^([A-Za-z0-9_./-]+)=(.*)$/.exec(text) ?? [];
  const dotted = key.replaceAll('/', '.');
  if (key === '' || dotted.split('.').some((part) => part === '')) {
    throw new UsageError(`"${text}" is not a kernel parameter`, { remedy: 'Write NAME=VALUE: net.ipv4.ip_forward=1' });
  }
  return { key: dotted, value };
}
