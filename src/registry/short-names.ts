/** Short names that several registries may have: containers-registries.conf(5), "Short-Name Aliasing: Modes". */
import { basename, dirname } from 'node:path';
import { TspodError } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { withLock } from '../host/lock.ts';
import { replaceFile } from '../host/replace-file.ts';
import { removeStagedFiles } from '../host/staged-files.ts';
import { formatImageReference, type ImageReference, type QualifiedReference } from '../model/image-reference.ts';
import { aliasesPath, readAliases, type RegistriesConf } from './registries-conf.ts';

/** Asks the user which of several names is meant. */
export type ChooseName = (names: readonly string[]) => Promise<string>;

export interface SettledName {
  /** To be tried in this order. */
  readonly names: readonly QualifiedReference[];
  /** By the user, who is to be asked once. */
  readonly chosen: boolean;
}

/**
 * Which of the names that a short name may stand for are tried.
 *
 * @param choose undefined where there is nobody to ask
 * @throws {TspodError} when the mode is enforcing and there is nobody to ask
 */
export async function settleShortName(
  reference: ImageReference,
  names: readonly QualifiedReference[],
  { mode, choose }: { readonly mode: RegistriesConf['shortNameMode']; readonly choose?: ChooseName | undefined },
): Promise<SettledName> {
  if (names.length < 2 || mode === 'disabled') return { names, chosen: false };
  const texts = names.map(formatImageReference);
  if (choose !== undefined) {
    const answer = await choose(texts);
    return { names: names.filter((_, index) => texts[index] === answer), chosen: true };
  }
  if (mode === 'permissive') return { names, chosen: false };
  throw new TspodError(`the short name "${formatImageReference(reference)}" is ambiguous`, {
    remedy: `Name the registry: ${texts.join(' or ')}`,
  });
}

/**
 * Keep what a short name stands for, in the file that Podman, Buildah and Skopeo read and write, too. They hold a lock of
 * their own, fcntl(2)'s; the worst that comes of that is a question that is asked again.
 *
 * @throws {TspodError} when it cannot be written
 */
export async function recordAlias({ path: name }: ImageReference, { domain, path }: ImageReference): Promise<void> {
  const file = aliasesPath();
  try {
    ensureDirectory(dirname(file));
    await withLock(dirname(file), async () => {
      removeStagedFiles(dirname(file), { name: basename(file) });
      const aliases = { ...(await readAliases()), [name]: `${domain ?? ''}/${path}` };
      const { stringify } = await import('smol-toml');
      await replaceFile(file, stringify({ aliases }));
    });
  } catch (cause) {
    throw new TspodError(`what "${name}" stands for cannot be kept in "${file}": ${(cause as Error).message}`, {
      cause,
      remedy: `ls -ld ${file} ${dirname(file)}`,
    });
  }
}
