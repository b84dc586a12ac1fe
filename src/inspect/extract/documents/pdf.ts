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

export async function readPdf(reading: Reading): Promise<void> {
  const { dig, draft, piece } = reading;
  const files: { readonly name: string; readonly octets: Buffer }[] = [];
  let fileBytes = 0;
  const hear = (said: PdfSaid): void => {
    if (said.kind === 'text') dig.addText(draft, `${visible(said.text)}\n`);
    else if (said.kind === 'fault') {
      if (said.why === 'encrypted') dig.locked(draft, said.detail);
      else dig.cannot(draft.path, said.why, said.detail);
    } else if (fileBytes + said.octets.length > dig.bytesFor(piece.octets.length)) {
      dig.cannot(draft.path, 'too-large', `a file in it, ${said.name}, is larger than what is unpacked`);
    } else {
      fileBytes += said.octets.length;
      files.push({ name: said.name, octets: Buffer.from(said.octets) });
    }
  };
  // The thread gets a copy: octets of a mail are looked at by others too.
  const message: PdfQuestion = { octets: new Uint8Array(piece.octets), pagesMax: dig.limits.pagesMax };
  const { threadWaitMs: waitMs, threadMemoryMb: memoryMb } = dig.limits;
  const ended = await dig.threads.pdf.ask({ message, waitMs, memoryMb, hear }, dig.call);
  if (ended !== 'done') dig.cannot(draft.path, ended === 'died' ? 'damaged' : ended, endings[ended]);
  dig.unpacked(fileBytes);
  for (const { name, octets } of files) await lookInside(reading, { name }, { octets, fault: null });
}
