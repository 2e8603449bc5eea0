/** Programs that keep passwords: docker-credential-NAME. @see https://github.com/docker/docker-credential-helpers */
import { execFile, type ExecFileException } from 'node:child_process';
import { TspodError } from '../errors.ts';

export interface HelperAnswer {
  readonly Username: string;
  readonly Secret: string;
}

const TIMEOUT_MS = 60_000; // The helper may have to ask the user to unlock a key ring.

/**
 * Ask a helper for the credentials of a registry; undefined when it has none.
 *
 * @param name the part after `docker-credential-`
 * @throws {TspodError} when the helper is missing or fails
 */
export async function askCredentialHelper(name: string, registry: string): Promise<HelperAnswer | undefined> {
  const program = helperProgram(name);
  const { stdout, stderr, error } = await runHelper(program, 'get', registry);
  if (error === undefined) return parseAnswer(program, stdout);
  // Helpers tell "none" from "failed" by this sentence alone, and print it on either stream.
  if (/credentials not found/i.test(stdout + stderr)) return undefined;
  throw helperError(program, error, stdout + stderr);
}

/** Have a helper keep (`store`) or forget (`erase`) the credentials of a registry. */
export async function tellCredentialHelper(name: string, action: 'store' | 'erase', input: string): Promise<void> {
  const program = helperProgram(name);
  const { stdout, stderr, error } = await runHelper(program, action, input);
  if (error !== undefined) throw helperError(program, error, stdout + stderr);
}

/** The name comes from a file and must not become a path. */
function helperProgram(name: string): string {
  if (!/^[\w][\w.-]*$/.test(name)) {
    throw new TspodError(`"${name}" is not the name of a credential helper`, {
      remedy:
        'credHelpers and credsStore, in auth.json and ~/.docker/config.json, name what follows "docker-credential-".',
    });
  }
  return `docker-credential-${name}`;
}

interface HelperRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly error: ExecFileException | undefined;
}

async function runHelper(program: string, action: string, input: string): Promise<HelperRun> {
  return await new Promise((resolve) => {
    const child = execFile(program, [action], { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, error: error ?? undefined });
    });
    child.stdin?.on('error', () => undefined); // A helper that does not read its input gives EPIPE here.
    child.stdin?.end(input);
  });
}

function parseAnswer(program: string, text: string): HelperAnswer | undefined {
  try {
    const { Username, Secret } = JSON.parse(text) as Partial<HelperAnswer>;
    if (typeof Username === 'string' && typeof Secret === 'string')
      return Secret === '' ? undefined : { Username, Secret };
  } catch {
    // The sentence below says it; the answer itself is a secret.
  }
  throw new TspodError(`the credential helper "${program}" gave an answer that is not of its protocol`, {
    remedy: `echo REGISTRY | ${program} get`,
  });
}

function helperError(program: string, cause: ExecFileException, output: string): TspodError {
  if (cause.code === 'ENOENT') {
    return new TspodError(`the credential helper "${program}" is not installed`, {
      cause,
      remedy: 'Install it, or take it out of credHelpers and credsStore in auth.json and ~/.docker/config.json.',
    });
  }
  return new TspodError(`the credential helper "${program}" failed: ${output.trim().split('\n')[0] ?? ''}`, {
    cause,
    remedy: `${program} list`,
  });
}
