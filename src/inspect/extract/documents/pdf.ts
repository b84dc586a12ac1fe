/** PDF: its text, notes, forms and files, read in a thread of its own. What that thread takes for ever, or too much memory for, is cut and told. */
import { lookInside } from '../inside.ts';
import type { Reading } from '../readers.ts';
import { visible } from '../text/read-text.ts';
import type { PdfQuestion, PdfSaid } from '../threads/pdf-thread.ts';

const endings = {
  'too-slow': 'reading it took too long',
  'too-large': 'reading it took too much memory',
  died: 'its reader fell over it',
} as const;

interface File {
  readonly name: string;
  readonly octets: Buffer;
}

export async function readPdf(reading: Reading): Promise<void> {
  await reading.dig.later(reading.draft, askThread(reading));
}

/** Takes what the thread says as it comes; files in the document are looked at afterwards. */
async function askThread(reading: Reading): Promise<() => Promise<void>> {
  const { dig, draft, piece } = reading;
  const files: File[] = [];
  const hear = (said: PdfSaid): void => {
    if (said.kind === 'text') dig.addText(draft, `${visible(said.text)}\n`);
    else if (said.kind === 'file') keepFile(reading, files, said);
    else if (said.why === 'encrypted') dig.locked(draft, said.detail);
    else dig.cannot(draft.path, said.why, said.detail);
  };
  // The thread gets a copy: octets of a mail are looked at by others too.
  const message = (): PdfQuestion => ({ octets: new Uint8Array(piece.octets), pagesMax: dig.limits.pagesMax });
  const { threadWaitMs: waitMs, threadMemoryMb: memoryMb } = dig.limits;
  const waited = (ms: number): void => dig.waited(ms);
  const ended = await dig.pdfInTurn(() => dig.threads.pdf.ask({ message, waitMs, memoryMb, hear, waited }, dig.call));
  if (ended !== 'done') dig.cannot(draft.path, ended === 'died' ? 'damaged' : ended, endings[ended]);
  return async () => {
    for (const { name, octets } of files) await lookInside(reading, { name }, { octets, fault: null });
  };
}

function keepFile(
  { dig, draft, piece }: Reading,
  files: File[],
  { name, octets }: Extract<PdfSaid, { kind: 'file' }>,
): void {
  if (octets.length > dig.bytesFor(piece.octets.length)) {
    dig.cannot(draft.path, 'too-large', `a file in it, ${name}, is larger than what is unpacked`);
    return;
  }
  dig.unpacked(octets.length);
  files.push({ name, octets: Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength) });
}
