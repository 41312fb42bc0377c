import fc from "fast-check";

/** Changes bytes; places are shares of the length, so that they fit any input. */
type Change = (bytes: Uint8Array) => Uint8Array;

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const placeIn = (bytes: Uint8Array, at: number): number => Math.floor(at * bytes.length);
const splice = (bytes: Uint8Array, from: number, to: number, insert: Uint8Array): Uint8Array =>
  Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(to)]);

/** Lengths and counts that lie: none, small, the largest of each width, negative. */
const LIES = [
  "00",
  "01",
  "7f",
  "80",
  "ff",
  "7fff",
  "ffff",
  "8000",
  "7fffffff",
  "80000000",
  "ffffffff",
  "84ffffffff",
].map((hex) => Buffer.from(hex, "hex"));

const flip = fc.tuple(share, fc.nat(7)).map(([at, bit]): Change => (bytes) => {
  const changed = Uint8Array.from(bytes);
  const place = placeIn(bytes, at);
  if (place < changed.length) changed[place] = (changed[place] ?? 0) ^ (1 << bit);
  return changed;
});
const overwrite = fc.tuple(share, fc.constantFrom(...LIES)).map(([at, lie]): Change => (bytes) => {
  const place = placeIn(bytes, at);
  return splice(bytes, place, Math.min(bytes.length, place + lie.length), lie);
});
const cut = share.map(
  (at): Change =>
    (bytes) =>
      bytes.subarray(0, placeIn(bytes, at)),
);
const remove = fc.tuple(share, fc.integer({ min: 1, max: 64 })).map(([at, length]): Change => (bytes) => {
  const place = placeIn(bytes, at);
  return splice(bytes, place, Math.min(bytes.length, place + length), new Uint8Array());
});
const repeat = fc
  .tuple(
    share,
    fc.integer({ min: 1, max: 200 }),
    fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.constantFrom(50, 2_000)),
  )
  .map(([at, length, times]): Change => (bytes) => {
    const place = placeIn(bytes, at);
    const piece = bytes.subarray(place, place + length);
    return splice(bytes, place, place, Buffer.alloc(piece.length * times, piece));
  });
const insert = (piece: fc.Arbitrary<Uint8Array>) =>
  fc.tuple(share, piece).map(([at, added]): Change => (bytes) => {
    const place = placeIn(bytes, at);
    return splice(bytes, place, place, added);
  });

/** A piece of another input of the corpus. */
const graft = (corpus: readonly Uint8Array[]) =>
  fc
    .tuple(share, fc.constantFrom(...corpus), share, fc.integer({ min: 1, max: 400 }))
    .map(([at, donor, from, length]): Change => (bytes) => {
      const [to, start] = [placeIn(bytes, at), placeIn(donor, from)];
      return splice(bytes, to, to, donor.subarray(start, start + length));
    });

/**
 * Inputs of a corpus with a few bytes flipped, cut off, repeated, replaced by lengths that lie, or taken from one
 * another, and `words` of the format put between them. Shrinks towards fewer changes.
 */
export function mutatedBytes(
  corpus: readonly Uint8Array[],
  words: readonly (string | Uint8Array)[] = [],
): fc.Arbitrary<Uint8Array> {
  const word = words.map((one) => (typeof one === "string" ? Buffer.from(one) : one));
  const change = fc.oneof(
    flip,
    overwrite,
    cut,
    remove,
    repeat,
    graft(corpus),
    insert(fc.uint8Array({ minLength: 1, maxLength: 8 })),
    ...(word.length === 0 ? [] : [{ weight: 3, arbitrary: insert(fc.constantFrom(...word)) }]),
  );
  return fc
    .tuple(fc.constantFrom(...corpus), fc.array(change, { minLength: 1, maxLength: 5 }))
    .map(([original, changes]) => changes.reduce((bytes, apply) => apply(bytes), original));
}
