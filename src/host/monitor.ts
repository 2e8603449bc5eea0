/** The monitor of a container: started with its ops, then spoken to over one socketpair, one word a line. */
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { TspodError } from '../errors.ts';
import { encodeOps, type Op } from '../plan/ops.ts';
import { explainOp } from '../plan/sentences.ts';
import { isBrokenPipe, nativeProgram } from './native.ts';
import { bootId, isAlive, readStartTime } from './process.ts';

/** Descriptors of the native program's verb `run`, after the standard ones. */
const CONTROL_FD = 3;
const OPS_FD = 4;
const FIRST_KEPT_FD = 5;

export interface Monitor extends AsyncDisposable {
  /** As the host sees it. */
  readonly pid: number;
  /** The read end of a pipe among its descriptors, of which it alone has the other end: it hangs up when the monitor ends. */
  readonly lifeline: number;
  /** Its id maps are written: its user namespace can be joined. */
  readonly mapped: Promise<void>;
  /** Let it build the container; resolves with the host pid of init once its execve(2) has succeeded. */
  go(): Promise<number>;
  /** Why it has given up, if it has. */
  refusal(): Promise<Error | undefined>;
}

export interface MonitorOptions {
  /** `passthrough`: the container gets our own standard streams. */
  readonly streams: 'monitor' | 'passthrough';
  /** How many of our descriptors from 3 on the container gets. */
  readonly keepFds: number;
}

/**
 * Start a monitor. Disposing it before `go` has succeeded closes the socket, which ends it and
 * everything it has made.
 *
 * @throws {TspodError} with the sentence and the remedy of the op that failed
 */
export async function spawnMonitor(ops: readonly Op[], { streams, keepFds }: MonitorOptions): Promise<Monitor> {
  const text = encodeOps(ops); // First, since it may throw.
  const standard = streams === 'passthrough' ? 'inherit' : 'ignore';
  const kept = Array.from({ length: keepFds }, (_, index) => FIRST_KEPT_FD - 2 + index);
  const child = spawn(nativeProgram(), ['run'], {
    stdio: [standard, standard, standard, 'pipe', 'pipe', ...kept],
    detached: true, // Its own session: Ctrl-C at the terminal is not for it.
  });
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => undefined);
  const control = child.stdio[CONTROL_FD] as Readable & Writable;
  const opsPipe = child.stdio[OPS_FD] as unknown as Writable;
  opsPipe.on('error', () => undefined); // EPIPE: what it has to say about its end comes over the control socket.
  opsPipe.end(text);
  const words = new Words(control, ops);
  const created = Promise.race([words.expect('created'), failed]);
  created.catch(() => control.destroy()); // It waits for that after a failure: native/farewell.c.
  const [pid = 0, lifeline = -1] = (await created).split(' ').map(Number);
  const mapped = words.expect('mapped').then(() => undefined);
  mapped.catch(() => undefined);
  let isRunning = false;
  return {
    pid,
    lifeline,
    mapped,
    async go() {
      control.write('go\n');
      const initPid = Number(await words.expect('running'));
      isRunning = true;
      return initPid;
    },
    async refusal() {
      await nextPoll(); // It said so before it ended, and others have noticed that: it is there to be read.
      return words.failure;
    },
    async [Symbol.asyncDispose]() {
      control.destroy();
      child.unref();
      if (!isRunning) await untilEnded(pid);
    },
  };
}

/** With a monitor ends what lives in its pid namespace: pasta closes its ports. */
async function untilEnded(pid: number): Promise<void> {
  const monitor = { pid, startTime: readStartTime(pid) ?? 0, bootId: bootId() };
  const deadline = performance.now() + END_MS;
  while (isAlive(monitor) && performance.now() < deadline) await sleep(2);
}

/** What it waits for itself may be stuck. */
const END_MS = 2000;

/** Once what there is to read has been read: between two immediates lies a poll, whatever phase of the loop this is. */
async function nextPoll(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The words of the monitor, as promises. */
class Words {
  readonly #heard = new Map<string, string>();
  readonly #awaited = new Map<string, { resolve: (argument: string) => void; reject: (error: Error) => void }>();
  #rest = '';
  #failure: Error | undefined;
  readonly #ops: readonly Op[];

  constructor(control: Readable, ops: readonly Op[]) {
    this.#ops = ops;
    control.setEncoding('latin1');
    control.on('data', (text: string) => this.#read(text));
    const ended = () =>
      this.#fail(new TspodError('the monitor of the container ended unexpectedly', { remedy: 'tspod doctor' }));
    control.on('error', (error) => (isBrokenPipe(error) ? ended() : this.#fail(error)));
    control.on('close', ended);
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  /** The argument of a word, once it is said. */
  expect(word: string): Promise<string> {
    const argument = this.#heard.get(word);
    if (argument !== undefined) return Promise.resolve(argument);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => this.#awaited.set(word, { resolve, reject }));
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const [word = '', ...args] = line.split(' ');
      if (word === 'failed') this.#fail(explainOp(this.#ops[Number(args[0])], Number(args[1]), this.#ops));
      this.#heard.set(word, args.join(' '));
      this.#awaited.get(word)?.resolve(args.join(' '));
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#awaited.values()) reject(this.#failure);
  }
}
