/** From the name of an image to the places where it may be fetched: aliases, search registries, mirrors. */
import { TspodError } from '../errors.ts';
import {
  DOCKER_HUB,
  formatImageReference,
  isLocalOnly,
  parseImageReference,
  qualifyReference,
  type ImageReference,
  type QualifiedReference,
} from '../model/image-reference.ts';
import type { RegistriesConf, RegistryRule } from './registries-conf.ts';

/** A repository on a registry, as requests name it; an image fetched from there keeps the name the user gave. */
export interface Endpoint {
  /** `host[:port]` as in names; `docker.io` for Docker Hub. */
  readonly registry: string;
  readonly repository: string;
  /** Plain HTTP and unknown certificates will do. */
  readonly insecure: boolean;
}

/**
 * The full names that a name may stand for, in the order in which they are to be tried.
 *
 * @throws {TspodError} when short names are forbidden
 */
export function expandShortName(reference: ImageReference, conf: RegistriesConf): QualifiedReference[] {
  if (reference.domain !== undefined) return [qualifyReference(reference)];
  const alias = conf.aliases.get(reference.path);
  if (alias !== undefined) {
    return [qualifyReference({ ...parseImageReference(alias), tag: reference.tag, digest: reference.digest })];
  }
  const registries = conf.searchRegistries ?? [DOCKER_HUB];
  const names = registries.map((prefix) => qualifyReference(reference, prefix));
  if (names.length > 0) return names;
  const short = formatImageReference(reference);
  throw new TspodError(`the short name "${short}" leads nowhere: registries.conf has no search registries`, {
    remedy: `Name the registry: ${formatImageReference(qualifyReference(reference))}`,
  });
}

/**
 * Where a full name is to be fetched from: its mirrors, then its own registry.
 *
 * @throws {TspodError} when the registry is blocked, or the name is of this machine only
 */
export function findEndpoints(reference: QualifiedReference, { rules }: RegistriesConf): Endpoint[] {
  const name = `${reference.domain}/${reference.path}`;
  if (isLocalOnly(reference)) {
    throw new TspodError(`no image "${formatImageReference(reference)}" on this machine`, {
      remedy: 'Names below localhost/ are never fetched; see what there is with: tspod images',
    });
  }
  const rule = chooseRule(name, formatImageReference(reference), rules);
  if (rule === undefined) return [toEndpoint(name, false)];
  if (rule.blocked) throw blockedBy(rule, name);
  const byDigest = reference.digest !== undefined;
  const mirrors = rule.mirrors.filter(({ use }) => use === 'all' || (use === 'digest-only') === byDigest);
  return [...mirrors, rule].map(({ location, insecure }) => {
    const rewritten = location === '' ? name : `${location}${rest(name, rule)}`;
    return toEndpoint(rewritten, insecure);
  });
}

/**
 * Where a registry as a whole is, or what it has below a path; mirrors have less, and are left out.
 *
 * @param name `host[:port][/path]`
 * @throws {TspodError} when it is blocked
 */
export function findRegistry(name: string, { rules }: RegistriesConf): Endpoint {
  const rule = chooseRule(name, name, rules);
  if (rule?.blocked) throw blockedBy(rule, name);
  const whole = name.includes('/') ? name : `${name}/`;
  const place = rule === undefined || rule.location === '' ? whole : `${rule.location}${rest(whole, rule)}`;
  return toEndpoint(place.replace(/(?<=\/.*)\/+$/, ''), rule?.insecure ?? false);
}

function blockedBy({ prefix }: RegistryRule, name: string): TspodError {
  return new TspodError(`the registry of "${name}" is blocked by registries.conf (prefix "${prefix}")`, {
    remedy: 'Ask whoever maintains registries.conf, or set blocked = false there.',
  });
}

/** The rule with the longest prefix of the name; a prefix ends where a part of the name ends. */
function chooseRule(name: string, full: string, rules: readonly RegistryRule[]): RegistryRule | undefined {
  const [host = ''] = name.split('/');
  const matching = rules.filter(({ prefix }) =>
    prefix.startsWith('*.')
      ? host.replace(/:[0-9]+$/, '').endsWith(prefix.slice(1))
      : full === prefix || (full.startsWith(prefix) && /^[/:@]/.test(full.slice(prefix.length))),
  );
  return matching.toSorted((one, other) => other.prefix.length - one.prefix.length)[0];
}

/** What follows the prefix in the name; a mirror of `*.host` mirrors whole registries. */
function rest(name: string, { prefix }: RegistryRule): string {
  return prefix.startsWith('*.') ? name.slice(name.indexOf('/')) : name.slice(prefix.length);
}

function toEndpoint(name: string, insecure: boolean): Endpoint {
  const slash = name.indexOf('/');
  return { registry: name.slice(0, slash), repository: name.slice(slash + 1), insecure };
}
