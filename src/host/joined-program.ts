/** Programs that go into the background in the namespaces of a monitor, and end with it: native/join.c. */
import { TspodError } from '../errors.ts';
import { nativeProgram } from './native.ts';

/** One that waits to begin. Disposing of it before that ends it; afterwards it lives as long as the monitor. */
export interface JoinedProgram extends Disposable {
  /** As the host sees it. Its cgroup is what the program gets; only now can systemd move it, as long as it is ours. */
  readonly pid: number;
  /** Let it begin; resolves once it is in the background, or has failed. */
  start(): Promise<{ readonly failed: boolean; readonly stderr: string }>;
}

/**
 * Prepare a program that will be root in the user, mount and pid namespace of a monitor, whose id maps are written.
 *
 * @param options.lastWord `netns`: after its words comes the path of the monitor's network namespace
 * @throws {TspodError} when no process can be made
 */
export async function prepareJoined(
  monitorPid: number,
  words: readonly string[],
  { lastWord }: { readonly lastWord?: 'netns' } = {},
): Promise<JoinedProgram> {
  const { execa } = await import('execa');
  const join = [
    nativeProgram(),
    'join',
    String(monitorPid),
    ...(lastWord === undefined ? [] : ['net']),
    '--',
    ...words,
  ];
  const child = execa('/bin/sh', ['-c', WAIT_THEN_EXEC, 'sh', ...join], { stdout: 'ignore', reject: false });
  if (child.pid === undefined) {
    const { cause } = await child;
    throw new TspodError('"/bin/sh" cannot be started', { cause, remedy: 'Look at it: ls -lL /bin/sh' });
  }
  return {
    pid: child.pid,
    async start() {
      child.stdin.end('\n');
      return await child;
    },
    [Symbol.dispose]() {
      child.stdin.end();
    },
  };
}

/** The end of its input, which is our death too, is no line. */
const WAIT_THEN_EXEC = 'read -r _ && exec "$@" </dev/null';
