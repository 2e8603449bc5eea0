/** Which certificates a registry may show, and which we show: containers-certs.d(5). */
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { getSystemErrorMessage } from 'node:util';
import { hasCode, TspodError } from '../errors.ts';

export interface TlsSettings {
  /** PEM; the system's authorities and those of certs.d. Undefined: Node's own list. */
  readonly ca: string[] | undefined;
  /** PEM; client certificates and their keys, in the same order. */
  readonly cert: string[];
  readonly key: string[];
}

/**
 * Read what certs.d has for a registry.
 *
 * @param registry `host[:port]`, as the name of its directory
 * @param certDir `--cert-dir`: this directory alone
 * @throws {TspodError} when one of them cannot be read, or has no key
 */
export async function readCertificates(registry: string, certDir?: string): Promise<TlsSettings> {
  const directories = certDir === undefined ? certificateDirectories(registry) : [certDir];
  const authorities: string[] = [];
  const pairs: { cert: string; key: string }[] = [];
  for (const directory of directories) {
    const names = await listDirectory(directory, certDir !== undefined);
    for (const name of names) {
      const path = join(directory, name);
      if (name.endsWith('.crt')) authorities.push(await readPem(path));
      if (!name.endsWith('.cert')) continue;
      const keyName = `${name.slice(0, -'.cert'.length)}.key`;
      if (!names.includes(keyName)) {
        throw new TspodError(`the client certificate "${path}" has no key`, {
          remedy: `Put it beside: ${join(directory, keyName)}`,
        });
      }
      pairs.push({ cert: await readPem(path), key: await readPem(join(directory, keyName)) });
    }
  }
  const system = await readSystemAuthorities();
  return {
    ca:
      system === undefined && authorities.length === 0
        ? undefined
        : [...(system ?? (await nodeAuthorities())), ...authorities],
    cert: pairs.map(({ cert }) => cert),
    key: pairs.map(({ key }) => key),
  };
}

/** Where a user puts an authority of a registry of theirs. */
export function userCertificateDirectory(registry: string): string {
  return join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'containers/certs.d', registry);
}

function certificateDirectories(registry: string): string[] {
  const names = registry === 'docker.io' ? ['docker.io', 'registry-1.docker.io'] : [registry];
  return names.flatMap((name) => [
    userCertificateDirectory(name),
    join('/etc/containers/certs.d', name),
    join('/etc/docker/certs.d', name),
  ]);
}

/** What the administrator made the machine trust: Node's own list knows nothing of a company's authority. */
async function readSystemAuthorities(): Promise<string[] | undefined> {
  const bundles = [
    process.env['SSL_CERT_FILE'],
    '/etc/ssl/certs/ca-certificates.crt', // Debian
    '/etc/pki/tls/certs/ca-bundle.crt', // Fedora
    '/etc/ssl/ca-bundle.pem', // openSUSE
    '/etc/ssl/cert.pem', // Alpine
  ];
  for (const path of bundles) {
    if (!path) continue;
    try {
      const bundle = await readFile(path, 'utf8');
      if (bundle.includes('BEGIN CERTIFICATE')) return [bundle];
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw explainUnreadable(path, error);
    }
  }
  return undefined;
}

async function nodeAuthorities(): Promise<readonly string[]> {
  const { rootCertificates } = await import('node:tls');
  return rootCertificates;
}

async function listDirectory(path: string, isRequired: boolean): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EACCES: a directory that only root may read holds nothing for us.
    if (!isRequired && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES')) return [];
    throw explainUnreadable(path, error);
  }
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw explainUnreadable(path, error);
  }
}

function explainUnreadable(path: string, cause: unknown): unknown {
  const { errno } = cause as NodeJS.ErrnoException;
  if (errno === undefined) return cause;
  const what = path.endsWith('.key') ? 'key' : 'certificates';
  return new TspodError(`cannot read the ${what} in "${path}": ${getSystemErrorMessage(errno)}`, {
    cause,
    remedy: `ls -ldL ${path}`,
  });
}
