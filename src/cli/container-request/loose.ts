/** A field of a request is absent where its flag was not given. */
export type Loose<T> = { readonly [Key in keyof T]: T[Key] | undefined };

/** The fields that have a value. */
export function withoutMissing<T extends object>(fields: Loose<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
