/**
 * Read a boolean as Go does; undefined when it is none.
 *
 * @see https://pkg.go.dev/strconv#ParseBool
 */
export function readBoolean(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  return undefined;
}
