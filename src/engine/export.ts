/** `export`: the root file system of a container as a tar archive. */
import { TspodError } from '../errors.ts';
import { NativeError, runWriter } from '../host/files.ts';
import { whileThere } from '../host/still-there.ts';
import { writeWhole } from '../host/whole-file.ts';
import { ERRNO, reasonOf } from '../plan/errno.ts';
import { containerPath } from '../store/container-paths.ts';
import type { Container } from '../store/containers.ts';
import { withContainerFiles } from './entrance.ts';

/**
 * Write the archive, to a file that appears when it is whole, or to standard output. What is mounted in the container
 * is not in it.
 *
 * @throws {TspodError} when the file cannot be written, or the container was removed meanwhile: the archive has no end then
 */
export async function exportContainer(container: Container, path: string | undefined): Promise<void> {
  const { id, name } = container.config;
  await withContainerFiles(container, { view: 'root' }, async (entrance) => {
    const pack = [...entrance, 'pack', '--ask', '--skip-unreadable', '/', ''];
    await whileThere(containerPath(id), `cannot export the container "${name}": it`, async (isThere) => {
      try {
        if (path === undefined) await runWriter(pack, { isThere });
        else await writeWhole(path, async (to) => runWriter(pack, { to, isThere }));
      } catch (error) {
        throw explain(error, name, path ?? 'standard output');
      }
    });
  });
}

function explain(error: unknown, name: string, where: string): unknown {
  if (!(error instanceof NativeError)) return error;
  const failed = `cannot export the container "${name}" to "${where}"`;
  const { step, errno, detail } = error.failure;
  if (step === 'killed') return new TspodError(`${failed}: it was interrupted`);
  const remedy = errno === ERRNO.ENOSPC ? 'Free some space there: df' : 'tspod doctor';
  return new TspodError(`${failed}${detail && `, at "${detail}"`}: ${reasonOf(errno)}`, { cause: error, remedy });
}
