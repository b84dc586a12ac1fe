import type { PdfSaid } from './pdf-thread.ts';
import type { SevenZipSaid } from './seven-zip-thread.ts';
import { SideThread } from './side-thread.ts';

/** The threads of one extractor; each begins with the first file that needs it. */
export class Threads implements AsyncDisposable {
  readonly pdf = new SideThread<PdfSaid>(threadUrl('pdf-thread'), 'inspect pdf');
  readonly sevenZip = new SideThread<SevenZipSaid>(threadUrl('seven-zip-thread'), 'inspect archives');

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.pdf.close(), this.sevenZip.close()]);
  }
}

/** Where a thread's file lies: beside this one, and built like it. */
function threadUrl(name: 'pdf-thread' | 'seven-zip-thread'): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./${name}.${extension}`, import.meta.url);
}
