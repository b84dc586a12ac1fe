/** The thread that makes a generation of rows: 250,000 of them take seconds, in which mail is to go on. It has no network and writes nothing. */
import { parentPort } from 'node:worker_threads';
import { zstdDecompressSync } from 'node:zlib';
import { decodeText, TEXT_CHARSETS, type TextCharset } from '#/codec/csv/index.ts';
import { Refusal } from '#/ports/index.ts';
import { rowsOfCsv } from './csv.ts';
import type { CutAnswer, CutOrder, Table } from './cutting.ts';
import { Draft } from './draft.ts';
import { TABLE_BYTES_MAX } from './limits.ts';

const draft = new Draft();

parentPort?.on('message', (order: CutOrder) => void answer(order));

async function answer(order: CutOrder): Promise<void> {
  parentPort?.postMessage(
    await carriedOut(order).catch((error: unknown): CutAnswer => {
      const failed = error instanceof Error ? error.message : String(error);
      return { failed, exit: error instanceof Refusal ? error.exit : null };
    }),
  );
}

async function carriedOut(order: CutOrder): Promise<CutAnswer> {
  if ('rows' in order) {
    for (const row of order.rows) draft.add(row);
    return { taken: true };
  }
  if ('cut' in order) return { whole: await draft.cut() };
  const { text, charset } = textOf(order.table);
  for (const row of rowsOfCsv(text, order.table)) draft.add(row);
  return { read: charset };
}

function textOf({ octets, packed, charset }: Table): { readonly text: string; readonly charset: TextCharset } {
  const decoded = decodeText(packed ? unpacked(octets) : octets, charset);
  if (decoded !== null) return decoded;
  const tried = charset === null ? `none of ${TEXT_CHARSETS.join(', ')}` : `not ${charset}`;
  throw new Refusal(1, `The table’s characters can't be read: it is ${tried}. Save it as UTF-8 and load it again.`);
}

function unpacked(octets: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(octets, { maxOutputLength: TABLE_BYTES_MAX });
  } catch {
    throw new Refusal(1, `The table can't be unpacked, or has more than ${TABLE_BYTES_MAX / 1_000_000} MB.`);
  }
}
