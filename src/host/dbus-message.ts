/**
 * D-Bus on the wire: a call becomes bytes, bytes become a message.
 *
 * @see https://dbus.freedesktop.org/doc/dbus-specification.html "Marshaling (Wire Format)", "Message Format"
 */

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

/** Header fields of the specification's "Message Format". */
const FIELD = { path: 1, interface: 2, member: 3, errorName: 4, replySerial: 5, destination: 6, signature: 8 } as const;
const MESSAGE_TYPES = ['call', 'call', 'reply', 'error', 'signal'] as const;
const METHOD_CALL = 1;
const FIXED_HEADER = 16;

/** A method call on the wire, little-endian. */
export function encodeCall(
  { destination, path, interface: name, member, body = [] }: DbusCall,
  serial: number,
): Buffer {
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

/** The length, in bytes, of the message that begins here; undefined while its header is not there yet. */
export function messageLength(input: Buffer): number | undefined {
  if (input.length < FIXED_HEADER) return undefined;
  const read = reader(input);
  const fields = read.uint32(12);
  return Math.ceil((FIXED_HEADER + fields) / 8) * 8 + read.uint32(4);
}

/** Take one whole message apart. */
export function decodeMessage(input: Buffer): DbusMessage & { readonly replySerial: number | undefined } {
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
