/** A mail in the pieces in which milters are told it. */
import { readHeaders } from '#/codec/mime/index.ts';
import { BODY_BYTES_MAX } from './packets.ts';

/** Whatever its name and value are. */
export interface Field {
  readonly name: string;
  /** With the blank behind the colon; folded lines end with a line feed. */
  readonly value: string;
}

export interface PiecedMail {
  readonly fields: readonly Field[];
  readonly body: Uint8Array;
  /** Whether all of the header could be read as fields. */
  readonly isWhole: boolean;
}

export function pieced(content: Uint8Array): PiecedMail {
  const { fields, bytes, complete, source } = readHeaders([content]);
  const named = fields.map(({ from, valueFrom, to }) => ({
    // As written: readers of signatures tell cases apart.
    name: source.toString('latin1', from, valueFrom).replace(/[ \t]*:$/, ''),
    value: source
      .toString('latin1', valueFrom, to)
      .replace(/\r?\n$/, '')
      .replaceAll('\r\n', '\n'),
  }));
  return { fields: named, body: content.subarray(bytes), isWhole: complete };
}

export function* bodyPieces(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += BODY_BYTES_MAX) yield body.subarray(at, at + BODY_BYTES_MAX);
}
