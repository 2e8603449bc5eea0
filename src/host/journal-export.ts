/** The journal's export format: fields as `NAME=text`, or `NAME`, a length and any bytes; a blank line ends an entry. */
export type JournalFields = ReadonlyMap<string, Buffer>;

const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const LENGTH_BYTES = 8;

/**
 * The entries of a stream, as they become whole.
 *
 * @see https://systemd.io/JOURNAL_EXPORT_FORMATS/
 */
export async function* parseExport(chunks: AsyncIterable<Buffer>): AsyncGenerator<JournalFields> {
  let rest: Buffer = Buffer.alloc(0);
  let fields = new Map<string, Buffer>();
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let field = readField(rest, at); field !== undefined; field = readField(rest, at)) {
      at = field.end;
      if (field.name !== '') fields.set(field.name, field.value);
      else if (fields.size > 0) {
        yield fields;
        fields = new Map();
      }
    }
    rest = rest.subarray(at);
  }
}

/** The field at a position, nameless at the end of an entry; undefined when it is not all there. */
function readField(
  text: Buffer,
  at: number,
): { readonly name: string; readonly value: Buffer; readonly end: number } | undefined {
  const newline = text.indexOf(NEWLINE, at);
  if (newline < 0) return undefined;
  const equals = text.subarray(at, newline).indexOf(EQUALS);
  if (equals >= 0) {
    const name = text.toString('latin1', at, at + equals);
    return { name, value: text.subarray(at + equals + 1, newline), end: newline + 1 };
  }
  const name = text.toString('latin1', at, newline);
  if (name === '') return { name, value: text.subarray(0, 0), end: newline + 1 };
  const from = newline + 1 + LENGTH_BYTES;
  if (text.length < from) return undefined;
  const end = from + Number(text.readBigUInt64LE(newline + 1));
  return text.length > end ? { name, value: text.subarray(from, end), end: end + 1 } : undefined;
}
