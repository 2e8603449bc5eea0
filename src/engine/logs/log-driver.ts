/** What a start does for the log drivers that are not files. */
import { isatty } from 'node:tty';
import { TspodError } from '../../errors.ts';
import type { ContainerConfig } from '../../model/container-config.ts';
import type { LogConfig } from '../../model/log.ts';

/**
 * The log of a container that is about to start: its tag, if that is a template, filled in from what `inspect` shows.
 *
 * @throws {TspodError} when the container would get a terminal that its driver does not allow
 */
export async function completeLog({ id, log }: ContainerConfig): Promise<LogConfig> {
  if (log.driver === 'passthrough' && [0, 1, 2].some((fd) => isatty(fd))) {
    throw new TspodError(
      'the log driver passthrough does not give away a terminal: what runs in the container could type at it',
      {
        remedy: 'Redirect the standard streams, or accept that: --log-driver passthrough-tty',
      },
    );
  }
  if (log.tag?.includes('{{') !== true) return log;
  const [{ compileTemplate }, { inspectContainer }] = await Promise.all([
    import('../../model/template/evaluator.ts'),
    import('../inspect.ts'),
  ]);
  return {
    ...log,
    tag: compileTemplate(log.tag)(await inspectContainer(id))
      .replace(/\s+/g, ' ')
      .trim(),
  };
}
