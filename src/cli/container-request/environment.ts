/** Variables and labels of `run` and `create`, from flags and files. */
import { readFileSync } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { parseEnvironmentFile, resolveVariable, type Environment } from '../../model/environment.ts';
import { parseKeyValueLines } from '../../model/key-value.ts';
import type { ContainerFlags } from '../container-flags.ts';

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'all_proxy'];

/** The environment that the flags give, from the general to the particular: later ones win. */
export function collectVariables(flags: ContainerFlags, environment: Environment): string[] {
  const proxies = PROXY_VARIABLES.flatMap((name) => [name, name.toUpperCase()]);
  const resolve = (name: string) => resolveVariable(name, environment);
  return [
    ...(flags['http-proxy'] ? proxies.flatMap(resolve) : []),
    ...(flags['env-host'] ? Object.keys(environment).flatMap(resolve) : []),
    ...readEnvironmentFiles(flags['env-file'], environment),
    ...(flags.env ?? []).flatMap(resolve),
  ];
}

/**
 * The variables in the files of `--env-file`.
 *
 * @throws {TspodError} when one cannot be read
 */
export function readEnvironmentFiles(paths: readonly string[] = [], environment: Environment): string[] {
  return paths.flatMap((path) => parseEnvironmentFile(readText(path), path, environment));
}

/** The labels of `--label-file`, then those of `--label`. */
export function collectLabels(flags: ContainerFlags): string[] {
  const files = flags['label-file'] ?? [];
  return [...files.flatMap((path) => parseKeyValueLines(readText(path))), ...(flags.label ?? [])];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TspodError(`cannot read "${path}": ${(cause as Error).message}`, { cause, remedy: `ls -ld ${path}` });
  }
}
