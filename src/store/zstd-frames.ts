/**
 * Cut a zstd stream at the ends of its frames. Node's decoder stops silently after the first frame of
 * a chunk, and layers have many: pzstd makes one a core, zstd:chunked one a file, and both add
 * skippable frames with an index of their own.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1
 */
import { TspodError } from '../errors.ts';

/**
 * Give the frames with data in them, each chunk of one frame alone; the skippable ones are left out.
 *
 * @throws {TspodError} when the stream is not zstd or ends inside a frame
 */
export async function* splitZstdFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let place: Place = { kind: 'between' };
  let carried: Buffer = EMPTY;
  for await (const chunk of source) {
    const data = carried.length > 0 ? Buffer.concat([carried, chunk]) : chunk;
    let from = 0; // What stands before it is passed on, or left out.
    let at = 0;
    for (;;) {
      const step = advance(place, data, at);
      if (step === undefined) break;
      at = step.at;
      const ends = place.kind !== 'between' && step.place.kind === 'between';
      if (ends && place.kind === 'frame') yield data.subarray(from, at);
      if (ends || step.place.kind === 'skippable') from = at;
      place = step.place;
    }
    if (place.kind === 'frame' && at > from) yield data.subarray(from, at);
    carried = data.subarray(at);
  }
  if (place.kind !== 'between' || carried.length > 0) throw new TspodError('the zstd data ends too early');
}

const EMPTY = Buffer.alloc(0);

/** Where in the stream we are; `left` bytes come before the next header, or the end. */
type Place =
  | { readonly kind: 'between' }
  | { readonly kind: 'skippable'; readonly left: number }
  | { readonly kind: 'frame'; readonly left: number; readonly isLast: boolean; readonly hasChecksum: boolean };

/** The next place in `data`; undefined when more data is needed. */
function advance(place: Place, data: Buffer, at: number): { place: Place; at: number } | undefined {
  if (place.kind === 'between') return readFrameHeader(data, at);
  if (place.left > 0) {
    const taken = Math.min(place.left, data.length - at);
    return taken > 0 ? { place: { ...place, left: place.left - taken }, at: at + taken } : undefined;
  }
  if (place.kind === 'skippable' || place.isLast) return { place: { kind: 'between' }, at };
  return readBlockHeader(place, data, at);
}

function readFrameHeader(data: Buffer, at: number): { place: Place; at: number } | undefined {
  if (data.length < at + 5) return undefined;
  const magic = data.readUInt32LE(at);
  if (magic >>> 4 === 0x184d2a5) {
    if (data.length < at + 8) return undefined;
    return { place: { kind: 'skippable', left: data.readUInt32LE(at + 4) }, at: at + 8 };
  }
  if (magic !== 0xfd2fb528) throw new TspodError('the zstd data is damaged: what should be a frame is none');
  const descriptor = data.readUInt8(at + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryId = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
  const left = (isSingleSegment ? 0 : 1) + dictionaryId + contentSize;
  return { place: { kind: 'frame', left, isLast: false, hasChecksum: (descriptor & 4) !== 0 }, at: at + 5 };
}

function readBlockHeader(
  place: Extract<Place, { kind: 'frame' }>,
  data: Buffer,
  at: number,
): { place: Place; at: number } | undefined {
  if (data.length < at + 3) return undefined;
  const header = data.readUIntLE(at, 3);
  const isLast = (header & 1) === 1;
  const isRunLength = ((header >>> 1) & 3) === 1; // One byte, to be repeated.
  const left = (isRunLength ? 1 : header >>> 3) + (isLast && place.hasChecksum ? 4 : 0);
  return { place: { ...place, left, isLast }, at: at + 3 };
}
