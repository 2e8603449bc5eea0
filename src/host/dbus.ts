/**
 * As much of D-Bus as systemd needs: authenticate, call a method, wait for a signal. The library would cost
 * the 10 ms of koffi; this costs the round trip.
 *
 * @see https://dbus.freedesktop.org/doc/dbus-specification.html
 */
import { connect, type Socket } from 'node:net';

/** A value with its type, as far as we send any. */
export type DbusValue =
  | { readonly type: 's' | 'o'; readonly value: string }
  | { readonly type: 'b'; readonly value: boolean }
  | { readonly type: 'u'; readonly value: number }
  | { readonly type: 't'; readonly value: bigint }
  | { readonly type: 'au'; readonly value: readonly number[] }
  /** A list of properties: name and variant. */
  | { readonly type: 'a(sv)'; readonly value: readonly (readonly [name: string, value: DbusValue])[] }
  /** Always empty where we use it. */
  | { readonly type: 'a(sa(sv))'; readonly value: readonly [] };

export interface DbusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body?: readonly DbusValue[];
}

/** A message that arrived; of its body only leading strings, object paths and numbers are read. */
export interface DbusMessage {
  readonly type: 'reply' | 'error' | 'signal' | 'call';
  readonly member: string;
  readonly errorName: string;
  readonly args: readonly (string | number)[];
}

/** The other side answered a call with an error. */
export class DbusError extends Error {
  readonly errorName: string;

  constructor({ errorName, args }: DbusMessage) {
    super(String(args[0] ?? errorName));
    this.name = 'DbusError';
    this.errorName = errorName;
  }
}

/** One connection; what is sent before it stands goes out together, as one write. */
export class DbusConnection implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #calls = new Map<number, { resolve: (message: DbusMessage) => void; reject: (error: Error) => void }>();
  readonly #listeners = new Set<(message: DbusMessage) => void>();
  #serial = 0;
  #input: Buffer = Buffer.alloc(0);
  #isAuthenticated = false;
  #failure: Error | undefined;

  /** @param path of a Unix socket; a leading `@` is an abstract name: unix(7) */
  constructor(path: string) {
    this.#socket = connect({ path: path.startsWith('@') ? `\0${path.slice(1)}` : path });
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')));
    const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
    this.#socket.write(`\0AUTH EXTERNAL ${uid}\r\nBEGIN\r\n`); // The answer to AUTH can only be OK, or the end.
  }

  /** @throws {DbusError} when the other side refuses */
  call(call: DbusCall): Promise<DbusMessage> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const serial = ++this.#serial;
    return new Promise((resolve, reject) => {
      this.#calls.set(serial, { resolve, reject });
      this.#socket.write(encodeCall(call, serial));
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
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#calls.values()) reject(this.#failure);
    this.#calls.clear();
  }
}

/** Header fields of the specification's "Message Format". */
const FIELD = { path: 1, interface: 2, member: 3, errorName: 4, replySerial: 5, destination: 6, signature: 8 } as const;
const MESSAGE_TYPES = ['call', 'call', 'reply', 'error', 'signal'] as const;
const METHOD_CALL = 1;
const FIXED_HEADER = 16;

function encodeCall({ destination, path, interface: name, member, body = [] }: DbusCall, serial: number): Buffer {
  const payload = new Writer();
  for (const value of body) payload.value(value);
  const message = new Writer();
  message.bytes(Buffer.from([0x6c, METHOD_CALL, 0, 1])); // little-endian, no flags, version 1
  message.uint32(payload.length);
  message.uint32(serial);
  const fields: (readonly [number, string, string])[] = [
    [FIELD.path, 'o', path],
    [FIELD.interface, 's', name],
    [FIELD.member, 's', member],
    [FIELD.destination, 's', destination],
  ];
  message.array(8, () => {
    for (const [code, type, text] of fields) {
      message.align(8);
      message.byte(code);
      message.signature(type);
      message.string(text);
    }
    if (body.length > 0) {
      message.align(8);
      message.byte(FIELD.signature);
      message.signature('g');
      message.signature(body.map(({ type }) => type).join(''));
    }
  });
  message.align(8);
  return Buffer.concat([message.take(), payload.take()]);
}

/** Marshalling: every type is aligned to its size, counted from the start of the message or its body. */
class Writer {
  #buffer = Buffer.alloc(512);
  length = 0;

  take(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  align(size: number): void {
    const padding = (size - (this.length % size)) % size;
    this.bytes(Buffer.alloc(padding));
  }

  bytes(bytes: Uint8Array): void {
    while (this.length + bytes.length > this.#buffer.length) {
      this.#buffer = Buffer.concat([this.#buffer, Buffer.alloc(this.#buffer.length)]);
    }
    this.#buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  byte(value: number): void {
    this.bytes(Buffer.from([value]));
  }

  uint32(value: number): void {
    this.align(4);
    const at = this.length;
    this.bytes(Buffer.alloc(4));
    this.#buffer.writeUInt32LE(value, at);
  }

  uint64(value: bigint): void {
    this.align(8);
    const at = this.length;
    this.bytes(Buffer.alloc(8));
    this.#buffer.writeBigUInt64LE(value, at);
  }

  string(text: string): void {
    const bytes = Buffer.from(text);
    this.uint32(bytes.length);
    this.bytes(bytes);
    this.byte(0);
  }

  signature(text: string): void {
    this.byte(text.length);
    this.bytes(Buffer.from(text));
    this.byte(0);
  }

  /** The length of an array leaves out the padding before its first element. */
  array(alignment: number, writeElements: () => void): void {
    this.uint32(0);
    const at = this.length - 4;
    this.align(alignment);
    const start = this.length;
    writeElements();
    this.#buffer.writeUInt32LE(this.length - start, at);
  }

  value(dbus: DbusValue): void {
    switch (dbus.type) {
      case 's':
      case 'o':
        return this.string(dbus.value);
      case 'b':
        return this.uint32(dbus.value ? 1 : 0);
      case 'u':
        return this.uint32(dbus.value);
      case 't':
        return this.uint64(dbus.value);
      case 'au':
        return this.array(4, () => dbus.value.forEach((number) => this.uint32(number)));
      case 'a(sv)':
        return this.array(8, () => dbus.value.forEach(([name, value]) => this.#property(name, value)));
      case 'a(sa(sv))':
        return this.array(8, () => undefined);
    }
  }

  #property(name: string, value: DbusValue): void {
    this.align(8);
    this.string(name);
    this.signature(value.type);
    this.value(value);
  }
}

/** Of the message that begins here; undefined while its header is not there yet. */
function messageLength(input: Buffer): number | undefined {
  if (input.length < FIXED_HEADER) return undefined;
  const read = reader(input);
  const fields = read.uint32(12);
  return Math.ceil((FIXED_HEADER + fields) / 8) * 8 + read.uint32(4);
}

function decodeMessage(input: Buffer): DbusMessage & { readonly replySerial: number | undefined } {
  const read = reader(input);
  const fieldsEnd = FIXED_HEADER + read.uint32(12);
  const found = new Map<number, string | number>();
  for (let at = FIXED_HEADER; at < fieldsEnd;) {
    at = Math.ceil(at / 8) * 8;
    const code = input[at] ?? 0;
    const { value: type, end } = read.signature(at + 1);
    const { value, end: next } = read.basic(type, end);
    found.set(code, value);
    at = next;
  }
  return {
    type: MESSAGE_TYPES[input[1] ?? 0] ?? 'call',
    member: String(found.get(FIELD.member) ?? ''),
    errorName: String(found.get(FIELD.errorName) ?? ''),
    args: readBody(input.subarray(Math.ceil(fieldsEnd / 8) * 8), String(found.get(FIELD.signature) ?? ''), read.isBig),
    replySerial: found.has(FIELD.replySerial) ? Number(found.get(FIELD.replySerial)) : undefined,
  };
}

function readBody(body: Buffer, signature: string, isBig: boolean): (string | number)[] {
  const read = reader(body, isBig);
  const args: (string | number)[] = [];
  let at = 0;
  for (const type of signature) {
    if (!'sogub'.includes(type)) break; // What we wait for begins with strings and numbers.
    const { value, end } = read.basic(type, at);
    args.push(value);
    at = end;
  }
  return args;
}

/** Each message says in its first byte how it orders those of numbers. */
function reader(input: Buffer, isBig = input[0] === 0x42) {
  const uint32 = (at: number) => (isBig ? input.readUInt32BE(at) : input.readUInt32LE(at));
  const signature = (at: number) => {
    const length = input[at] ?? 0;
    return { value: input.toString('latin1', at + 1, at + 1 + length), end: at + length + 2 };
  };
  const basic = (type: string, at: number): { readonly value: string | number; readonly end: number } => {
    if (type === 'g') return signature(at);
    const aligned = Math.ceil(at / 4) * 4;
    const number = uint32(aligned);
    if (type !== 's' && type !== 'o') return { value: number, end: aligned + 4 };
    const start = aligned + 4;
    return { value: input.toString('utf8', start, start + number), end: start + number + 1 };
  };
  return { isBig, uint32, signature, basic };
}
