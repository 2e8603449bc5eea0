/**
 * Text from a file, a registry or an archive becomes a typed value here, once. A schema is a function
 * from `unknown` to its type: it is the parser, its return type is the type, and its sentence names
 * the place: `layers[3].digest is not a string`.
 */
import { TspodError } from '../errors.ts';

/** @throws {MalformedError} naming `at` when the value is not of the type */
export type Schema<T> = (value: unknown, at: string) => T;

/** A field that may be absent; Go programs write an absent list or map as `null`. */
export interface Optional<T> {
  readonly optional: Schema<T>;
}

/** The type a schema gives. */
export type Decoded<S> = S extends Schema<infer T> ? T : S extends Optional<infer T> ? T : never;

/** A document is not what its format demands; `message` is a clause such as `config.size is absent`. */
export class MalformedError extends TspodError {}

/**
 * @param what names the document in the message, without quotes: `manifest of alpine`
 * @throws {TspodError} when the text is not JSON or not of the schema
 */
export function decode<T>(schema: Schema<T>, text: string, what: string): T {
  try {
    return schema(JSON.parse(text), '');
  } catch (cause) {
    if (cause instanceof MalformedError) throw new TspodError(`"${what}" is malformed: ${cause.message}`, { cause });
    if (cause instanceof SyntaxError) throw new TspodError(`"${what}" is malformed: it is not JSON`, { cause });
    throw cause;
  }
}

export const string: Schema<string> = (value, at) => {
  if (typeof value !== 'string') throw wrong(at, 'a string', value);
  return value;
};

export const boolean: Schema<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw wrong(at, 'true or false', value);
  return value;
};

/** A whole number from 0 on that a double holds exactly. */
export const count: Schema<number> = (value, at) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrong(at, 'a whole number from 0 on', value);
  return value as number;
};

/** An object of which only the presence matters: Go's `struct{}`. */
export const present: Schema<Readonly<Record<string, never>>> = () => ({});

/** A string with a parser of its own, whose error becomes the clause. */
export function parsed<T>(parse: (text: string) => T): Schema<T> {
  return (value, at) => {
    const text = string(value, at);
    try {
      return parse(text);
    } catch (cause) {
      if (!(cause instanceof TspodError)) throw cause;
      throw new MalformedError(`${place(at)}: ${cause.message}`, { cause });
    }
  };
}

/** A field that may be missing. */
export function optional<T>(schema: Schema<T>): Optional<T> {
  return { optional: schema };
}

/** Any number of one kind. */
export function list<T>(schema: Schema<T>): Schema<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw wrong(at, 'a list', value);
    return value.map((item: unknown, index) => schema(item, `${at}[${index}]`));
  };
}

/** An object whose keys are data: labels, annotations. */
export function map<T>(schema: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return (value, at) => {
    const entries = Object.entries(asObject(value, at));
    return Object.fromEntries(entries.map(([key, item]) => [key, schema(item, field(at, key))]));
  };
}

type Fields = Readonly<Record<string, Schema<unknown> | Optional<unknown>>>;
type RequiredKey<F> = { [K in keyof F]: F[K] extends Optional<unknown> ? never : K }[keyof F];
type ObjectOf<F> = { readonly [K in RequiredKey<F>]: Decoded<F[K]> } & {
  readonly [K in Exclude<keyof F, RequiredKey<F>>]?: Decoded<F[K]>;
};

/** An object with named fields; fields it does not name are left out of the result. */
export function object<F extends Fields>(fields: F): Schema<ObjectOf<F>> {
  return (value, at) => {
    const source = asObject(value, at);
    const result: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(fields)) {
      const item = Object.hasOwn(source, name) ? source[name] : undefined;
      if (typeof schema === 'function') {
        if (item === undefined) throw new MalformedError(`${field(at, name)} is absent`);
        result[name] = schema(item, field(at, name));
      } else if (item !== undefined && item !== null) {
        result[name] = schema.optional(item, field(at, name));
      }
    }
    return result as ObjectOf<F>;
  };
}

function asObject(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(at, 'an object', value);
  return value as Record<string, unknown>;
}

function wrong(at: string, wanted: string, value: unknown): MalformedError {
  return new MalformedError(`${place(at)} is ${describe(value)}, not ${wanted}`);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}..` : text;
}

function place(at: string): string {
  return at === '' ? 'the document' : at;
}

function field(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}
