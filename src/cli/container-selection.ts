/** How commands name the containers they are about, and what they do when one of several fails. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { readFileSync } from 'node:fs';
import { TspodError, UsageError } from '../errors.ts';
import { reportError } from './report.ts';

export const containerArgs = {
  container: Args.string({ multiple: true, description: 'name, id, or the beginning of an id' }),
};

export const containerArg = {
  container: Args.string({ description: 'name, id, or the beginning of an id' }),
};

export const imageArgs = {
  image: Args.string({ required: true, description: 'name or id of the image; with --rootfs a directory' }),
  command: Args.string({ multiple: true, description: 'command and arguments, instead of those of the image' }),
};

export const latestFlag = {
  latest: Flags.boolean({ char: 'l', description: 'the container that was created last' }),
};

export const selectionFlags = {
  ...latestFlag,
  all: Flags.boolean({ char: 'a', description: 'all containers' }),
};

export const cidfileFlag = {
  cidfile: Flags.string({ multiple: true, description: 'read the id of a container from a file', helpValue: 'FILE' }),
};

export interface Selection {
  readonly names: readonly string[];
  readonly all: boolean;
  readonly latest: boolean;
}

/**
 * What the user selected: names, `--latest` or `--all`, and one of them only.
 *
 * @param called for the error text: `tspod stop`
 * @throws {UsageError} when nothing is selected, or it is selected twice
 */
export function readSelection(
  names: readonly string[],
  flags: { readonly all?: boolean; readonly latest?: boolean; readonly cidfile?: readonly string[] | undefined },
  called: string,
): Selection {
  const all = flags.all ?? false;
  const latest = flags.latest ?? false;
  const found = [...names, ...(flags.cidfile ?? []).map(readId)];
  if (found.length > 0 && (all || latest)) {
    throw new UsageError('containers are named although --all or --latest already selects', {
      remedy: `${called} --help`,
    });
  }
  if (all && latest) throw new UsageError('--all and --latest exclude each other', { remedy: `${called} --help` });
  if (found.length === 0 && !all && !latest && flags.cidfile === undefined) {
    throw new UsageError(`"${called}" needs the name or id of a container`, { remedy: `${called} --help` });
  }
  return { names: found, all, latest };
}

/** Do something for each; an error is reported and the others go on. The exit status is the last error's. */
export async function forEachReporting<T>(items: readonly T[], body: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) {
    try {
      await body(item);
    } catch (error) {
      process.exitCode = reportError(error, process.env);
    }
  }
}

function readId(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new TspodError(`cannot read the file "${path}" with the id of a container: ${(cause as Error).message}`, {
      cause,
    });
  }
}
