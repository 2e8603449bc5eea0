/**
 * Which registries there are, and how each is reached: containers-registries.conf(5), version 2.
 *
 * The user's file replaces the system's; the drop-ins of both, and the aliases that other tools have
 * recorded, are merged over it.
 */
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { hasCode, TspodError } from '../errors.ts';
import {
  boolean,
  list,
  map,
  object,
  optional,
  string,
  MalformedError,
  type Decoded,
  type Schema,
} from '../model/decode.ts';

export type ShortNameMode = 'enforcing' | 'permissive' | 'disabled';

/** One `[[registry]]` table: what is done with names that begin with `prefix`. */
export interface RegistryRule {
  /** `host[:port][/namespace[/repository]]`, or `*.host`. */
  readonly prefix: string;
  /** Where they really are; empty: where the name says. */
  readonly location: string;
  readonly insecure: boolean;
  readonly blocked: boolean;
  readonly mirrors: readonly Mirror[];
}

export interface Mirror {
  readonly location: string;
  readonly insecure: boolean;
  /** Which pulls may use it. */
  readonly use: 'all' | 'digest-only' | 'tag-only';
}

export interface RegistriesConf {
  /** Undefined when no file says anything; an empty list forbids short names. */
  readonly searchRegistries: readonly string[] | undefined;
  readonly shortNameMode: ShortNameMode;
  readonly credentialHelpers: readonly string[];
  /** Short name -> full name, both without tag and digest. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly rules: readonly RegistryRule[];
}

/** One configuration file. */
export interface ConfFile {
  readonly path: string;
  readonly text: string;
}

/** Read every file that has a say, in the order in which they override each other. */
export async function readRegistriesConf(): Promise<RegistriesConf> {
  const user = join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'containers');
  const chosen = process.env['CONTAINERS_REGISTRIES_CONF'];
  const main = chosen
    ? [chosen]
    : [
        join(user, 'registries.conf'),
        '/etc/containers/registries.conf',
        '/usr/share/containers/registries.conf', // Fedora and newer Debian keep the distribution's own here.
      ];
  const files: ConfFile[] = [];
  for (const path of main) {
    const file = await readConfFile(path);
    if (file === undefined) continue;
    files.push(file);
    break;
  }
  const dropIns = [
    ...(await listDropIns('/etc/containers/registries.conf.d')),
    ...(await listDropIns(join(user, 'registries.conf.d'))),
    aliasesPath(),
  ];
  for (const path of dropIns) {
    const file = await readConfFile(path);
    if (file !== undefined) files.push(file);
  }
  return await mergeRegistriesConf(files);
}

/** Where Podman and its kin keep what the user has chosen for short names. */
export function aliasesPath(): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'containers/short-name-aliases.conf');
}

/** What is kept there, as it is. */
export async function readAliases(): Promise<Readonly<Record<string, string>>> {
  const file = await readConfFile(aliasesPath());
  return (file && (await parseConfFile(file)).aliases) ?? {};
}

/** Merge files; a later one overrides an earlier one setting by setting, registry by registry, alias by alias. */
export async function mergeRegistriesConf(files: readonly ConfFile[]): Promise<RegistriesConf> {
  let searchRegistries: readonly string[] | undefined;
  let shortNameMode: ShortNameMode = 'permissive';
  let credentialHelpers: readonly string[] = [];
  const aliases = new Map<string, string>();
  const rules = new Map<string, RegistryRule>();
  for (const file of files) {
    const conf = await parseConfFile(file);
    searchRegistries = conf['unqualified-search-registries'] ?? searchRegistries;
    shortNameMode = conf['short-name-mode'] ?? shortNameMode;
    credentialHelpers = conf['credential-helpers'] ?? credentialHelpers;
    for (const [name, value] of Object.entries(conf.aliases ?? {})) {
      if (value === '') aliases.delete(name);
      else aliases.set(name, value);
    }
    for (const table of conf.registry ?? []) {
      const rule = toRule(table, file.path);
      rules.set(rule.prefix, rule);
    }
  }
  return { searchRegistries, shortNameMode, credentialHelpers, aliases, rules: [...rules.values()] };
}

async function parseConfFile({ path, text }: ConfFile): Promise<Decoded<typeof confSchema>> {
  if (text.trim() === '') return {};
  const { parse } = await import('smol-toml');
  try {
    return confSchema(parse(text), '');
  } catch (cause) {
    if (cause instanceof TspodError && !(cause instanceof MalformedError)) throw cause;
    const [why = ''] = (cause as Error).message.split('\n\n'); // smol-toml shows the line after an empty one.
    throw new TspodError(`"${path}" is malformed: ${why}`, { cause, remedy: 'See containers-registries.conf(5).' });
  }
}

function toRule(table: Decoded<typeof registrySchema>, path: string): RegistryRule {
  const prefix = trimSlash(table.prefix || table.location || '');
  const location = trimSlash(table.location ?? '');
  if (prefix === '') throw new TspodError(`"${path}" is malformed: a [[registry]] has neither prefix nor location`);
  if (prefix.includes('*') && !/^\*\.[^*/:]+$/.test(prefix)) {
    throw new TspodError(`"${path}" is malformed: the prefix "${prefix}" has a wildcard that is not "*.HOST"`);
  }
  return {
    prefix,
    location: location || (prefix.startsWith('*.') ? '' : prefix),
    insecure: table.insecure ?? false,
    blocked: table.blocked ?? false,
    mirrors: (table.mirror ?? []).map(({ location: mirror, insecure, 'pull-from-mirror': use }) => ({
      location: trimSlash(mirror),
      insecure: insecure ?? false,
      use: table['mirror-by-digest-only'] ? 'digest-only' : (use ?? 'all'),
    })),
  };
}

function oneOf<T extends string>(...words: readonly T[]): Schema<T> {
  return (value, at) => {
    const text = string(value, at);
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new MalformedError(`${at} is "${text}", not one of ${words.join(', ')}`);
    return word;
  };
}

/** Empty is the default, as Go programs read it. */
function orDefault<T extends string>(schema: Schema<T>, fallback: T): Schema<T> {
  return (value, at) => (value === '' ? fallback : schema(value, at));
}

const mirrorSchema = object({
  location: string,
  insecure: optional(boolean),
  'pull-from-mirror': optional(orDefault(oneOf('all', 'digest-only', 'tag-only'), 'all')),
});

const registrySchema = object({
  prefix: optional(string),
  location: optional(string),
  insecure: optional(boolean),
  blocked: optional(boolean),
  'mirror-by-digest-only': optional(boolean),
  mirror: optional(list(mirrorSchema)),
});

const refuseVersion1: Schema<never> = () => {
  throw new MalformedError(
    'it has the old [registries.search] form; write unqualified-search-registries and [[registry]]',
  );
};

const confSchema = object({
  'unqualified-search-registries': optional(list(string)),
  'short-name-mode': optional(orDefault(oneOf('enforcing', 'permissive', 'disabled'), 'permissive')),
  'credential-helpers': optional(list(string)),
  aliases: optional(map(string)),
  registry: optional(list(registrySchema)),
  registries: optional(refuseVersion1),
});

async function readConfFile(path: string): Promise<ConfFile | undefined> {
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new TspodError(`cannot read "${path}"`, { cause: error });
  }
}

async function listDropIns(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory);
    return names
      .filter((name) => name.endsWith('.conf'))
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

function trimSlash(text: string): string {
  return text.replace(/\/+$/, '');
}
