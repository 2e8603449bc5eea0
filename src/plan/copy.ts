/** Where a copy goes, and under which name: the rules of podman-cp(1), given what is at both ends. Pure. */
import { basename, dirname } from 'node:path/posix';
import { TspodError, UsageError } from '../errors.ts';

export type FileKind = 'directory' | 'file' | 'other' | 'missing';

/** What is at one end of a copy. */
export interface CopyEnd {
  /** As it was given, for messages. */
  readonly given: string;
  /** `the host`, `container web` */
  readonly where: string;
  readonly kind: FileKind;
  /** Absolute; without symlinks in a container, where they are followed. */
  readonly path: string;
  /** The directory that it is in, or would be in. */
  readonly parent: { readonly kind: FileKind; readonly path: string };
}

/** What is packed: PATH, under the name `as`; "" is the content of a directory alone. */
export interface PackPlan {
  readonly path: string;
  readonly as: string;
}

/** Where it is put: below a directory; `top` is the one name that the archive has there. */
export interface PutPlan {
  readonly directory: string;
  readonly top: string | undefined;
}

/**
 * Decide on a copy between two places.
 *
 * @throws {UsageError} when an end is missing, or one is a directory where the other cannot be
 */
export function planCopy(source: CopyEnd, target: CopyEnd): { readonly pack: PackPlan; readonly put: PutPlan } {
  const { path, as } = planPack(source);
  if (target.kind === 'missing') {
    if (target.parent.kind !== 'directory' || target.given.endsWith('/')) throw explainMissing(target);
    const name = basename(target.path);
    return { pack: { path, as: name }, put: { directory: target.parent.path, top: name } };
  }
  if (target.kind === 'directory') {
    return { pack: { path, as }, put: { directory: target.path, top: as === '' ? undefined : as } };
  }
  if (target.kind === 'other') {
    throw new UsageError(`invalid destination: "${target.given}" must be a directory or a regular file`, {
      remedy: 'A stream goes to standard output instead: tspod cp CONTAINER:/path - | tar -xf -',
    });
  }
  if (source.kind === 'directory') {
    throw new UsageError(
      `destination must be a directory when copying a directory: "${target.given}" on ${target.where} is a file`,
      { remedy: 'Choose a name that does not exist yet, or a directory.' },
    );
  }
  if (/\/\.?$/.test(target.given)) {
    throw new UsageError(`"${target.given}" on ${target.where} exists but is not a directory`, {
      remedy: 'Leave out the slash at its end to overwrite it.',
    });
  }
  const name = basename(target.path);
  return { pack: { path, as: name }, put: { directory: dirname(target.path), top: name } };
}

/**
 * What a copy takes: a directory with its name, or `DIR/.` its content alone.
 *
 * @throws {UsageError} when it does not exist, or is neither a file nor a directory
 */
export function planPack(source: CopyEnd): PackPlan {
  if (source.kind === 'missing')
    throw explainMissing(source, 'Check its spelling; a symbolic link must lead somewhere.');
  if (source.kind === 'other') {
    throw new UsageError(`"${source.given}" on ${source.where} is neither a file nor a directory`, {
      remedy: 'Devices, pipes and sockets are copied only with the directory that they are in.',
    });
  }
  const isContent = source.kind === 'directory' && /(^|\/)\.$/.test(source.given);
  return { path: source.path, as: isContent ? '' : basename(source.path) };
}

/**
 * Where an archive from standard input goes.
 *
 * @throws {UsageError} unless it is a directory
 */
export function planPut(target: CopyEnd): PutPlan {
  if (target.kind === 'missing') throw explainMissing(target);
  if (target.kind !== 'directory') {
    throw new UsageError(`destination must be a directory when copying from stdin: "${target.given}" is none`, {
      remedy: `Name the directory that it is in: ${dirname(target.path)}`,
    });
  }
  return { directory: target.path, top: undefined };
}

function explainMissing(
  { given, where }: CopyEnd,
  inContainer = 'The directory that a copy goes to must exist.',
): TspodError {
  return new UsageError(`"${given}" could not be found on ${where}: no such file or directory`, {
    remedy: where === 'the host' ? `Look at what is there: ls -la ${dirname(given)}` : inContainer,
  });
}
