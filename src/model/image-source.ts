/** Where an image comes from, or goes to, when that is no registry: containers-transports(5). */
import { UsageError } from '../errors.ts';

/** A file or a directory with images, and which of them. */
export interface ArchiveSource {
  readonly transport: 'docker-archive' | 'oci-archive' | 'oci' | 'dir';
  readonly path: string;
  /** A name or a tag; of a docker-archive also `@NUMBER`, counted from 0. */
  readonly reference?: string;
}

/**
 * Parse `TRANSPORT:PATH[:REFERENCE]`.
 *
 * @returns undefined for what names an image of a registry
 * @throws {UsageError} when there is no path
 */
export function parseArchiveSource(text: string): ArchiveSource | undefined {
  const [, transport, rest = ''] = /^(docker-archive|oci-archive|oci|dir):(.*)$/s.exec(text) ?? [];
  if (transport === undefined) return undefined;
  const colon = transport === 'dir' ? -1 : rest.indexOf(':');
  const path = colon === -1 ? rest : rest.slice(0, colon);
  const reference = colon === -1 ? '' : rest.slice(colon + 1);
  if (path === '') {
    const what = transport === 'oci' || transport === 'dir' ? 'directory' : 'file';
    throw new UsageError(`"${text}" names no ${what}`, { remedy: `Write ${transport}:PATH` });
  }
  return {
    transport: transport as ArchiveSource['transport'],
    path,
    ...(reference === '' ? {} : { reference }),
  };
}

/** Whether a text names one of the transports that are neither registries nor archives; `sif:latest` is an image. */
export function isForeignTransport(text: string): boolean {
  return /^(?:docker-daemon|containers-storage|ostree|sif):/.test(text) && !/^[^:]+:[\w.-]+$/.test(text);
}

/** Is this text an http or https address, and not the path of a file? */
export function isAddress(text: string): boolean {
  return /^https?:\/\//.test(text);
}
