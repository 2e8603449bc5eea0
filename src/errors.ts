/**
 * The errors of tspod: what failed, why, and what to do about it.
 *
 * `message` names the object in double quotes, `cause` keeps the original error, `remedy` is the
 * command or the line that cures it. Only `cli/` prints them.
 */
export interface ErrorDetails {
  /** What the user can type or have done, without a full stop when it is a command. */
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
  /** Exit status of the CLI: 125 unless the command could not be invoked (126) or found (127). */
  readonly exitCode?: number;
}

/** An operation failed for a reason the user can understand. */
export class TspodError extends Error {
  readonly remedy: string | undefined;
  readonly exitCode: number;

  constructor(message: string, { remedy, cause, exitCode = 125 }: ErrorDetails = {}) {
    super(message, { cause });
    this.name = new.target.name;
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/** The user asked for something that cannot be: a malformed value, or flags that contradict each other. */
export class UsageError extends TspodError {}

/** The named object does not exist. */
export class NotFoundError extends TspodError {}

/** Another process has had what we wait for, for as long as we wait. */
export class BusyError extends TspodError {}

/** The object was removed while we waited for its lock. */
export class GoneError extends TspodError {
  constructor(what: string) {
    super(`${what} was removed meanwhile`);
  }
}

/** The config of a container cannot be read. */
export class DamagedContainerError extends TspodError {
  readonly id: string;

  constructor(id: string, path: string, { cause }: { readonly cause: unknown }) {
    super(`the state file "${path}" is damaged`, {
      cause,
      remedy: `Put a copy of it there, or remove the container: tspod rm -f ${id}`,
    });
    this.id = id;
  }
}

/** A document of an image cannot be read. */
export class DamagedImageError extends TspodError {
  readonly id: string;

  constructor(id: string, { cause }: { readonly cause: Error }) {
    super(`the image "${id}" is damaged: ${cause.message}`, {
      cause,
      remedy: `Remove it, and pull or load it again: tspod rmi -f ${id.replace('sha256:', '')}`,
    });
    this.id = id;
  }
}

/** Another container has the name. */
export class NameTakenError extends TspodError {
  /** The id of the container that has it. */
  readonly holder: string;

  constructor(name: string, holder: string) {
    super(`the container name "${name}" is already in use by ${holder}`, {
      remedy: `Choose another name, or remove it: tspod rm -f ${name}`,
    });
    this.holder = holder;
  }
}

/** Run it; an error that names no remedy gets this one. */
export async function withRemedy<T>(remedy: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof TspodError ? Object.assign(error, { remedy: error.remedy ?? remedy }) : error;
  }
}

/** Whether an error is a system call's, with one of these codes: `ENOENT`. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}
