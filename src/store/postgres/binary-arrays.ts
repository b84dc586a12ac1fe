/**
 * Columns as arrays in PostgreSQL's binary format: one parameter carries a column of a whole group. As text every element would be quoted
 * here and scanned there. The formats are those of `array_recv` in the manual's chapter on the wire protocol.
 */

const HEADER_BYTES = 20;
const OID = { bool: 16, bytea: 17, int8: 20, int4: 23, text: 25, float8: 701 } as const;

type Value<T> = T | null | undefined;

/** `text[]`. NUL, which PostgreSQL can't hold, becomes U+FFFD. */
export function textArray(values: readonly Value<string>[]): Buffer {
  let room = HEADER_BYTES;
  for (const value of values) room += 4 + (value === null || value === undefined ? 0 : value.length * 3);
  const buffer = Buffer.allocUnsafe(room);
  let hasNull = false;
  let at = HEADER_BYTES;
  for (const value of values) {
    if (value === null || value === undefined) {
      hasNull = true;
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    const length = buffer.write(value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value, at + 4);
    buffer.writeInt32BE(length, at);
    at += 4 + length;
  }
  writeHeader(buffer, OID.text, values.length, hasNull);
  return buffer.subarray(0, at);
}

/** `int8[]`, of safe integers. */
export function int8Array(values: readonly Value<number>[]): Buffer {
  return fixedArray(values, OID.int8, 8, (buffer, value, at) => {
    const high = Math.floor(value / 2 ** 32);
    buffer.writeInt32BE(high, at);
    buffer.writeUInt32BE(value - high * 2 ** 32, at + 4);
  });
}

/** `int4[]`. */
export function int4Array(values: readonly Value<number>[]): Buffer {
  return fixedArray(values, OID.int4, 4, (buffer, value, at) => void buffer.writeInt32BE(value, at));
}

/** `float8[]`. */
export function float8Array(values: readonly Value<number>[]): Buffer {
  return fixedArray(values, OID.float8, 8, (buffer, value, at) => void buffer.writeDoubleBE(value, at));
}

/** `bytea[]`. */
export function byteaArray(values: readonly Uint8Array[]): Buffer {
  const buffer = Buffer.allocUnsafe(values.reduce((room, value) => room + 4 + value.length, HEADER_BYTES));
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(value.length, at);
    buffer.set(value, at);
    at += value.length;
  }
  writeHeader(buffer, OID.bytea, values.length, false);
  return buffer;
}

/** `bool[]`. */
export function boolArray(values: readonly boolean[]): Buffer {
  return fixedArray(values, OID.bool, 1, (buffer, value, at) => void buffer.writeUInt8(value ? 1 : 0, at));
}

function fixedArray<T>(
  values: readonly Value<T>[],
  oid: number,
  bytes: number,
  write: (buffer: Buffer, value: T, at: number) => void,
): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.length * (4 + bytes));
  let hasNull = false;
  let at = HEADER_BYTES;
  for (const value of values) {
    if (value === null || value === undefined) {
      hasNull = true;
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    buffer.writeInt32BE(bytes, at);
    write(buffer, value, at + 4);
    at += 4 + bytes;
  }
  writeHeader(buffer, oid, values.length, hasNull);
  return buffer.subarray(0, at);
}

// One dimension, counted from 1; an empty array has none.
function writeHeader(buffer: Buffer, oid: number, length: number, hasNull: boolean): void {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(hasNull ? 1 : 0, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
}
