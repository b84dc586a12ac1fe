/** What a group of requests comes to, on its way to those who asked. */
import { Tally } from '../custody/index.ts';
import type { WriterAnswer, WriterRequest } from './protocol.ts';

/** What a group comes to. */
export interface Outputs {
  readonly answers: WriterAnswer[];
  readonly output: Uint8Array[];
  outputBytes: number;
  readonly tally: Tally;
}

/** Nothing was done: the disk has no room. */
export function refuseAll(requests: readonly WriterRequest[]): Outputs {
  const answers = requests.map((): WriterAnswer => ({ ok: false, fault: 'disk.full', detail: '' }));
  return { answers, output: [], outputBytes: 0, tally: new Tally() };
}

/** One buffer of all. */
export function joined(chunks: readonly Uint8Array[]): ArrayBuffer {
  const buffer = new ArrayBuffer(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  const bytes = new Uint8Array(buffer);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return buffer;
}
