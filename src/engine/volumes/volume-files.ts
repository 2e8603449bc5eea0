/** What is in a volume: where it is, and archives of it. */
import { createReadStream } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { NativeError, runReader, runWriter } from '../../host/files.ts';
import { probeHost } from '../../host/probe.ts';
import { whileThere } from '../../host/still-there.ts';
import { usernsArgs } from '../../host/userns.ts';
import { writeWhole } from '../../host/whole-file.ts';
import { ERRNO, reasonOf } from '../../plan/errno.ts';
import { decompress } from '../../store/decompress.ts';
import { volumeHome } from '../../store/volumes.ts';
import { checkDevice } from './volume-places.ts';
import type { ListedVolume } from './volumes.ts';

/**
 * The directory with what is in a volume.
 *
 * @param failed what cannot be done without one
 * @throws {TspodError} when it is in memory, or its directory of the host is not there
 */
export function filesOf({ name, kind, path }: ListedVolume, failed: string): string {
  if (kind === 'tmpfs') {
    throw new TspodError(`${failed}: it is a file system in memory, which its containers have while they run`, {
      remedy: `Copy it out of one of them: tspod ps --filter volume=${name}; tspod cp CONTAINER:PATH -`,
    });
  }
  if (kind === 'bind') checkDevice(failed, path);
  return path;
}

/**
 * Write what is in a volume as a tar archive, to a file that appears when it is whole, or to standard output.
 *
 * @throws {TspodError} when it cannot be written, or the volume was removed meanwhile: the archive has no end then
 */
export async function exportVolume(volume: ListedVolume, file: string | undefined): Promise<void> {
  const { name } = volume;
  const failed = `cannot export the volume "${name}"`;
  const path = filesOf(volume, failed);
  const pack = [...usernsArgs(await probeHost()), 'pack', '--ask', path, ''];
  await whileThere(volumeHome(name), `${failed}: it`, async (isThere) => {
    try {
      if (file === undefined) await runWriter(pack, { isThere });
      else await writeWhole(file, async (to) => runWriter(pack, { to, isThere }));
    } catch (error) {
      throw explain(error, failed);
    }
  });
}

/**
 * Put what is in a tar archive, compressed or not, into a volume.
 *
 * @param source a file, or `-` for standard input
 * @throws {TspodError} when it cannot be read, or is no tar archive
 */
export async function importVolume(volume: ListedVolume, source: string): Promise<void> {
  const { name } = volume;
  const path = filesOf(volume, `cannot import into the volume "${name}"`);
  const facts = await probeHost();
  const isSingleId = facts.subuids.length === 0 || facts.subgids.length === 0;
  const owners = isSingleId ? ['--squash-owners'] : [];
  try {
    const put = [...usernsArgs(facts), 'put', '--confine', '--overwrite', ...owners, path];
    await runReader(
      decompress(source === '-' ? process.stdin : createReadStream(source, { highWaterMark: 1 << 20 })),
      put,
    );
  } catch (error) {
    throw explain(error, `cannot import "${source === '-' ? 'standard input' : source}" into the volume "${name}"`);
  } finally {
    if (source === '-') process.stdin.destroy(); // Or we wait for more of what nobody reads.
  }
}

/** asm-generic/errno.h: what the native program says of an archive that it cannot read. */
const [ENODATA, EBADMSG] = [61, 74];

function explain(error: unknown, failed: string): unknown {
  if (error instanceof NativeError) {
    const { step, errno, detail } = error.failure;
    if (step === 'killed' || step === 'stopped') return new TspodError(`${failed}: it was interrupted`);
    const fault = errno === EBADMSG ? 'is malformed' : errno === ENODATA ? 'ends too early' : undefined;
    if (fault) return new TspodError(`${failed}: the tar archive ${fault}`, { remedy: 'tar -tf ARCHIVE' });
    const remedy = errno === ERRNO.ENOSPC ? 'Free some space: df' : 'tspod doctor';
    return new TspodError(`${failed}${detail && `, at "${detail}"`}: ${reasonOf(errno)}`, { cause: error, remedy });
  }
  if (error instanceof TspodError) {
    return new TspodError(`${failed}: ${error.message}`, { cause: error, remedy: error.remedy });
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  return new TspodError(`${failed}: ${message}`, { cause: error, remedy: 'Check the path of the file: ls -l' });
}
