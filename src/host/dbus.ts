/**
 * As much of D-Bus as systemd needs: authenticate, call a method, wait for a signal. The library would cost
 * the 10 ms of koffi; this costs the round trip.
 *
 * @see https://dbus.freedesktop.org/doc/dbus-specification.html
 */
import { connect, type Socket } from 'node:net';
import { decodeMessage, encodeCall, messageLength, type DbusCall, type DbusMessage } from './dbus-message.ts';
import { outerUid } from './id-map.ts';

/** The other side answered a call with an error. */
export class DbusError extends Error {
  readonly errorName: string;

  constructor({ errorName, args }: DbusMessage) {
    super(String(args[0] ?? errorName));
    this.name = 'DbusError';
    this.errorName = errorName;
  }
}

export interface DbusPatience {
  /** How long the other side may be silent while it owes us an answer, in milliseconds. */
  readonly timeoutMs?: number;
  /** The same for a signal: a unit that ends takes its TimeoutStopSec, 90 s, systemd-system.conf(5). */
  readonly signalTimeoutMs?: number;
}

/**
 * One connection. Calls wait until the other side has let us in: systemd 255 leaves a message that it has read together
 * with BEGIN where it is, until another one comes.
 */
export class DbusConnection implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #calls = new Map<number, { resolve: (message: DbusMessage) => void; reject: (error: Error) => void }>();
  readonly #listeners = new Set<(message: DbusMessage) => void>();
  #serial = 0;
  #input: Buffer = Buffer.alloc(0);
  #isAuthenticated = false;
  #unsent: Buffer[] = [];
  #failure: Error | undefined;
  readonly #patience: Required<DbusPatience>;

  /**
   * @param path of a Unix socket; a leading `@` is an abstract name: unix(7)
   * @param patience a systemd that is stopped, or hangs, has its socket, and the kernel lets us connect
   */
  constructor(path: string, { timeoutMs = 30_000, signalTimeoutMs = 120_000 }: DbusPatience = {}) {
    this.#patience = { timeoutMs, signalTimeoutMs };
    this.#socket = connect({ path: path.startsWith('@') ? `\0${path.slice(1)}` : path });
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('timeout', () => this.#giveUp());
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')));
    const uid = Buffer.from(String(outerUid())).toString('hex');
    this.#socket.write(`\0AUTH EXTERNAL ${uid}\r\nBEGIN\r\n`); // The answer to AUTH can only be OK, or the end.
  }

  /** @throws {DbusError} when the other side refuses */
  call(call: DbusCall): Promise<DbusMessage> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const serial = ++this.#serial;
    return new Promise((resolve, reject) => {
      this.#calls.set(serial, { resolve, reject });
      this.#setDeadline();
      const message = encodeCall(call, serial);
      if (this.#isAuthenticated) this.#socket.write(message);
      else this.#unsent.push(message);
    });
  }

  /** The first signal from now on for which `isMatch` holds. */
  async signal(isMatch: (message: DbusMessage) => boolean): Promise<DbusMessage> {
    return await new Promise((resolve, reject) => {
      const listener = (message: DbusMessage) => {
        if (message.type !== 'signal' || !isMatch(message)) return;
        this.#listeners.delete(listener);
        resolve(message);
      };
      this.#listeners.add(listener);
      this.#setDeadline();
      this.#socket.once('close', () => reject(this.#failure ?? new Error('the connection was closed')));
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    return Promise.resolve();
  }

  #read(chunk: Buffer): void {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    if (!this.#isAuthenticated) {
      const end = this.#input.indexOf('\r\n');
      if (end < 0) return;
      const answer = this.#input.toString('latin1', 0, end);
      if (!answer.startsWith('OK ')) {
        this.#socket.destroy(new Error(`authentication was refused: ${answer}`));
        return;
      }
      this.#isAuthenticated = true;
      if (this.#unsent.length > 0) this.#socket.write(Buffer.concat(this.#unsent));
      this.#unsent = [];
      this.#input = this.#input.subarray(end + 2);
    }
    for (;;) {
      const length = messageLength(this.#input);
      if (length === undefined || this.#input.length < length) return;
      const message = this.#input.subarray(0, length);
      this.#input = this.#input.subarray(length);
      this.#dispatch(message);
    }
  }

  #dispatch(bytes: Buffer): void {
    const { replySerial, ...message } = decodeMessage(bytes);
    const waiting = replySerial === undefined ? undefined : this.#calls.get(replySerial);
    if (waiting !== undefined && replySerial !== undefined) {
      this.#calls.delete(replySerial);
      if (message.type === 'error') waiting.reject(new DbusError(message));
      else waiting.resolve(message);
    }
    for (const listener of [...this.#listeners]) listener(message);
    this.#setDeadline();
  }

  /** Of silence: from now on, and from whatever is read or written later. */
  #setDeadline(): void {
    this.#socket.setTimeout(this.#waitMs());
  }

  /** 0: for ever, since nothing is waited for. */
  #waitMs(): number {
    if (this.#calls.size > 0) return this.#patience.timeoutMs;
    return this.#listeners.size > 0 ? this.#patience.signalTimeoutMs : 0;
  }

  #giveUp(): void {
    this.#socket.destroy(new Error(`it has not answered for ${this.#waitMs() / 1000} s`));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#calls.values()) reject(this.#failure);
    this.#calls.clear();
  }
}
