/** The containers that a command is about, by what the user wrote. */
import { readFileSync } from 'node:fs';
import { DamagedContainerError, hasCode, NotFoundError, TspodError, UsageError } from '../errors.ts';
import type { ContainerRow } from './views/container-row.ts';
import type { Finders } from './container-filter.ts';
import type { Filter } from './filter.ts';
import { writeOut } from './output.ts';
import { forEachReporting, reportError } from './report.ts';

export interface Selection {
  readonly names: readonly string[];
  readonly all: boolean;
  readonly latest: boolean;
}

export interface SelectionFlags {
  readonly all?: boolean;
  readonly latest?: boolean;
  readonly cidfile?: readonly string[] | undefined;
  readonly filter?: readonly Filter[] | undefined;
  /** What does not exist is no error. */
  readonly ignore?: boolean;
}

/** Finds containers by name or id, the newest, or all: engine/list.ts. */
export type FindContainers<C> = (
  names: readonly string[],
  selection?: { readonly all?: boolean; readonly latest?: boolean },
) => C[];

export interface SelectOptions<C> {
  /** As the user calls the command: `tspod stop`. */
  readonly called: string;
  readonly find: FindContainers<C>;
  /** Where there is `--filter`. */
  readonly findImageIds?: Finders['findImageIds'];
  /** Which of all containers `--all` means; missing: every one. */
  readonly among?: (container: C) => boolean;
  /** `start` alone filters also what is named. */
  readonly filtersNamed?: boolean;
  /** Exit status when one does not exist, instead of 125. */
  readonly missingStatus?: number;
}

export interface Selected<C> {
  readonly container: C;
  /** As the user named it, and as it is printed when the command is done with it: the id where nobody named it. */
  readonly named: string;
}

/**
 * The containers that a command is about, each once. When one does not exist that is reported and there are none: who
 * has mistyped a name may have meant something else altogether. A damaged one is reported alone.
 *
 * @throws {UsageError} when nothing is selected, or it is selected twice
 */
export async function selectContainers<C extends ContainerRow>(
  names: readonly string[],
  flags: SelectionFlags,
  { called, find, findImageIds, among = () => true, filtersNamed, missingStatus }: SelectOptions<C>,
): Promise<Selected<C>[]> {
  if (names.length > 0 && flags.filter !== undefined && !filtersNamed) {
    throw new UsageError('--filter takes no arguments: it chooses among all containers', {
      remedy: `${called} --help`,
    });
  }
  const selection = readSelection(names, flags, called);
  const missing: string[] = [];
  const isNamed = selection.names.length > 0 || flags.cidfile !== undefined;
  const selected = isNamed
    ? selection.names.flatMap(findNamed)
    : find([], { all: !selection.latest, latest: selection.latest })
        .filter((container) => !selection.all || among(container))
        .map((container) => ({ container, named: container.config.id }));
  if (missing.length > 0) return [];
  const passing = await filtered(selected, flags.filter ?? [], {
    find: (name) => only(find([name]), name),
    findImageIds: findImageIds ?? (() => Promise.resolve(new Map())),
  });
  const seen = new Set<string>();
  return passing.filter(({ container }) => {
    const isNew = !seen.has(container.config.id);
    seen.add(container.config.id);
    return isNew;
  });

  function findNamed(named: string): Selected<C>[] {
    try {
      return find([named]).map((container) => ({ container, named }));
    } catch (error) {
      if (!(error instanceof TspodError)) throw error;
      if (flags.ignore && error instanceof NotFoundError) return [];
      if (!(error instanceof DamagedContainerError)) missing.push(named);
      const status = reportError(error, process.env);
      process.exitCode = error instanceof NotFoundError ? (missingStatus ?? status) : status;
      return [];
    }
  }
}

export interface ActOptions<C> extends SelectOptions<C> {
  /** At the same time: each may take its whole timeout. */
  readonly together?: boolean;
}

/**
 * Do something for each container that the user selected, and print how it was named; an error is reported and the
 * others go on.
 *
 * @throws {UsageError} when nothing is selected, or it is selected twice
 */
export async function actOnContainers<C extends ContainerRow>(
  names: readonly string[],
  flags: SelectionFlags,
  options: ActOptions<C>,
  act: (container: C) => Promise<unknown>,
): Promise<void> {
  const selected = await selectContainers(names, flags, options);
  const actOn = async ({ container, named }: Selected<C>) => {
    await act(container);
    writeOut(`${named}\n`);
  };
  if (options.together) await Promise.all(selected.map((item) => forEachReporting([item], actOn)));
  else await forEachReporting(selected, actOn);
  if (process.exitCode) process.exitCode = FAILED;
}

/** As in Podman, also where a command in a container cannot be invoked: 126 and 127 are for who waits for that one. */
const FAILED = 125;

/**
 * What the user selected: names, `--cidfile`, `--latest` or `--all`, and one of them only.
 *
 * @param called for the error text: `tspod stop`
 * @throws {UsageError} when nothing is selected, or it is selected twice
 */
export function readSelection(names: readonly string[], flags: SelectionFlags, called: string): Selection {
  const all = flags.all ?? false;
  const latest = flags.latest ?? false;
  if (names.length > 0 && (all || latest || flags.cidfile !== undefined)) {
    const flag = all ? '--all' : latest ? '--latest' : '--cidfile';
    throw new UsageError(`containers are named although ${flag} already selects`, { remedy: `${called} --help` });
  }
  if ([all, latest, flags.cidfile !== undefined].filter((isGiven) => isGiven).length > 1) {
    const rest = flags.cidfile === undefined ? '--all and --latest' : '--all, --latest and --cidfile';
    throw new UsageError(`${rest} exclude each other`, { remedy: `${called} --help` });
  }
  const found = [...names, ...(flags.cidfile ?? []).flatMap((path) => readId(path, flags.ignore ?? false))];
  if (found.length === 0 && !all && !latest && !flags.filter?.length && flags.cidfile === undefined) {
    throw new UsageError(`"${called}" needs the name or id of a container`, { remedy: `${called} --help` });
  }
  return { names: found, all, latest };
}

/** The id in a file that `run --cidfile` wrote: its first line. */
function readId(path: string, isMissingFine: boolean): string[] {
  try {
    return [readFileSync(path, 'utf8').split('\n', 1)[0]?.trim() ?? ''];
  } catch (cause) {
    if (isMissingFine && hasCode(cause, 'ENOENT')) return [];
    throw new TspodError(`cannot read the file "${path}" with the id of a container: ${(cause as Error).message}`, {
      cause,
      remedy: `ls -ld ${path}`,
    });
  }
}

async function filtered<C extends ContainerRow>(
  selected: readonly Selected<C>[],
  filters: readonly Filter[],
  finders: Finders,
): Promise<readonly Selected<C>[]> {
  if (filters.length === 0) return selected;
  const { filterContainers } = await import('./container-filter.ts');
  const containers = selected.map(({ container }) => container);
  const passing = new Set(await filterContainers(containers, filters, finders));
  return selected.filter(({ container }) => passing.has(container));
}

function only<C>([container]: readonly C[], name: string): C {
  if (container !== undefined) return container;
  throw new NotFoundError(`no container with name or ID "${name}" found: no such container`, {
    remedy: 'tspod ps --all',
  });
}
