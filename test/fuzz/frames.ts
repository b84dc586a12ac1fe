import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { isFault } from '#/model/index.ts';
import { FrameReader, formatFrame } from '#/net/index.ts';
import { type FuzzTarget, octetByOctet, pieces, randomFrom, seedOf } from './target.ts';

const values = [
  formatFrame({ kind: 'call', id: 1, method: 'operation', args: { name: 'trace', by: 'cli:root' }, leftMs: 30_000 }),
  formatFrame({ kind: 'call', id: 2, method: 'accept', args: [new Uint8Array(30), 7n, undefined], leftMs: 1 }),
  formatFrame({ kind: 'cancel', id: 2 }),
  formatFrame({ kind: 'failed', id: 1, failure: { kind: 'fault', code: 'store.locked', detail: '' } }),
];
const frames = values.flatMap((frame) => (frame === null ? [] : [frame]));

/** However the stream is cut, the values are the same; what is no frame is refused by our own fault, and nothing else happens. */
export const localFrames: FuzzTarget = {
  name: 'local-frames',
  words: [
    '\0\0\0\x04',
    '\xff\x0f',
    '\xff\xff\xff\xff',
    'o"\x04kind',
    '{',
    'I\x02',
    'A',
    'a',
    '^\0',
    'T',
    '\\',
    'r',
    'V',
    'B',
  ],
  seeds: [...frames, Buffer.concat(frames)],
  run(input) {
    const whole = read([input]);
    for (const cut of [pieces(input, randomFrom(seedOf(input))), input.length < 300 ? octetByOctet(input) : []])
      if (cut.length > 0) assert(isDeepStrictEqual(read(cut), whole), 'cut otherwise, it is read otherwise');
    return `${whole.refused} ${whole.values
      .map((value) => Object.prototype.toString.call(value))
      .join()
      .slice(0, 80)}`;
  },
};

function read(fed: readonly Buffer[]): { readonly values: readonly unknown[]; readonly refused: boolean } {
  const reader = new FrameReader();
  const all: unknown[] = [];
  try {
    for (const piece of fed) all.push(...reader.feed(piece));
    return { values: all, refused: false };
  } catch (error) {
    assert(isFault(error, 'call.refused'), `no refusal: ${String(error)}`);
    // The connection is closed with it; whether what came before in the same piece is served still depends on the cut.
    return { values: [], refused: true };
  }
}
