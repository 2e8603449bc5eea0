/**
 * Names of images: `[DOMAIN/]PATH[:TAG][@DIGEST]`, Docker's reference grammar.
 *
 * @see https://github.com/distribution/reference/blob/main/reference.go
 */
import { UsageError } from '../errors.ts';

/** A name as the user wrote it; without a domain it is a short name, which registries.conf resolves. */
export interface ImageReference {
  /** `docker.io`, `localhost:5000`; undefined for a short name. */
  readonly domain: string | undefined;
  readonly path: string;
  readonly tag: string | undefined;
  /** `sha256:<64 hexadecimal digits>` */
  readonly digest: string | undefined;
}

/** A name that says where the image lives. */
export interface QualifiedReference extends ImageReference {
  readonly domain: string;
}

/** The registry of Docker Hub as it appears in names; requests go to `registry-1.docker.io`. */
export const DOCKER_HUB = 'docker.io';

const DOMAIN_LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = new RegExp(`^(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const PATH = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;
const IMAGE_ID = /^[a-f0-9]{64}$/;
const NAME_MAX = 255;

/**
 * Parse the name of an image; nothing is filled in.
 *
 * @throws {UsageError} when the text breaks the grammar
 */
export function parseImageReference(text: string): ImageReference {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const { name, tag } = splitTag(at < 0 ? text : text.slice(0, at));
  const { domain, path } = splitDomain(name);
  if (path === '') throw malformed(text, 'it is empty');
  if (name.length > NAME_MAX) throw malformed(text, `it is longer than ${NAME_MAX} characters`);
  if (domain !== undefined && !DOMAIN.test(domain)) throw malformed(text, `"${domain}" is not the name of a registry`);
  if (!PATH.test(path)) {
    const lower = path.toLowerCase();
    throw PATH.test(lower)
      ? malformed(text, 'it must be lower case', `Write it so: ${text.replace(path, lower)}`)
      : malformed(text, `"${path}" must be lower-case letters and digits, separated by one of . _ __ - /`);
  }
  if (domain === undefined && IMAGE_ID.test(path)) throw malformed(text, 'it is an image id, not a name');
  if (tag !== undefined && !TAG.test(tag)) throw malformed(text, `"${tag}" is not a tag`);
  if (digest !== undefined && !DIGEST.test(digest)) {
    throw malformed(text, `"${digest}" is not a digest`, 'A digest is "sha256:" and 64 hexadecimal digits.');
  }
  return { domain: domain === 'index.docker.io' ? DOCKER_HUB : domain, path, tag, digest };
}

/** Print a reference; a tag that stands beside a digest is kept. */
export function formatImageReference({ domain, path, tag, digest }: ImageReference): string {
  const name = domain === undefined ? path : `${domain}/${path}`;
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/**
 * Give a reference a registry, when it has none, and the parts that may be left out: `library/` on
 * Docker Hub, and the tag `latest` where there is no digest.
 *
 * @param prefix what goes before a short name: a registry, or a registry and a path (registries.conf allows both)
 */
export function qualifyReference(reference: ImageReference, prefix: string = DOCKER_HUB): QualifiedReference {
  const { domain: prefixDomain, path: prefixPath } = splitPrefix(prefix);
  const domain = reference.domain ?? prefixDomain;
  const short =
    reference.domain === undefined && prefixPath !== '' ? `${prefixPath}/${reference.path}` : reference.path;
  return {
    domain,
    path: domain === DOCKER_HUB && !short.includes('/') ? `library/${short}` : short,
    tag: reference.tag ?? (reference.digest === undefined ? 'latest' : undefined),
    digest: reference.digest,
  };
}

/** The full name of an image that is made here: `base` is `localhost/base:latest`. */
export function localImageName(text: string): string {
  return formatImageReference(qualifyReference(parseImageReference(text), 'localhost'));
}

/** Parse a name and fill in everything, as Docker does: `busybox` is `docker.io/library/busybox:latest`. */
export function normalizeImageReference(text: string): QualifiedReference {
  return qualifyReference(parseImageReference(text));
}

/** An image of `localhost/` was made here and is on no registry; `localhost:5000/` is one. */
export function isLocalOnly({ domain }: ImageReference): boolean {
  return domain === 'localhost';
}

/**
 * Parse the name of a registry, `HOST[:PORT]`; Docker Hub has several.
 *
 * @param whole what it is a part of, for the error
 * @throws {UsageError} when it is none
 */
export function parseRegistry(text: string, whole = text): string {
  if (!/^(?:[\w.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/.test(text)) {
    throw new UsageError(`"${whole}" is not the name of a registry`, { remedy: 'Write it as HOST[:PORT]: quay.io' });
  }
  return ['index.docker.io', 'registry-1.docker.io'].includes(text) ? DOCKER_HUB : text;
}

/** A colon before the last slash belongs to the port of the domain. */
function splitTag(text: string): { name: string; tag: string | undefined } {
  const colon = text.indexOf(':', text.lastIndexOf('/') + 1);
  return colon < 0 ? { name: text, tag: undefined } : { name: text.slice(0, colon), tag: text.slice(colon + 1) };
}

/** The part before the first slash is a domain when it cannot be the beginning of a path. */
function splitDomain(name: string): { domain: string | undefined; path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  return slash >= 0 && (first === 'localhost' || /[.:A-Z]/.test(first))
    ? { domain: first, path: name.slice(slash + 1) }
    : { domain: undefined, path: name };
}

function splitPrefix(prefix: string): { domain: string; path: string } {
  const slash = prefix.indexOf('/');
  return slash < 0
    ? { domain: prefix, path: '' }
    : { domain: prefix.slice(0, slash), path: prefix.slice(slash + 1).replace(/\/+$/, '') };
}

function malformed(text: string, why: string, remedy = 'A name is [REGISTRY/]PATH[:TAG][@DIGEST].'): UsageError {
  return new UsageError(`"${text}" is not the name of an image: ${why}`, { remedy });
}
