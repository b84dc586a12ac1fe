/**
 * The thread that reads PDF with pdf.js. It gets octets and says what it finds, page by page, so that what was read is kept when its time is over. It
 * has no network and writes nothing; the maps of Chinese, Japanese and Korean letters come from the package, without which such text is lost
 * in silence.
 */
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import {
  GlobalWorkerOptions,
  getDocument,
  type PDFDocumentProxy,
  type PDFPageProxy,
} from 'pdfjs-dist/legacy/build/pdf.mjs';

export interface PdfQuestion {
  readonly octets: Uint8Array;
  readonly pagesMax: number;
}

export type PdfSaid =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly name: string; readonly octets: Uint8Array }
  | { readonly kind: 'fault'; readonly why: 'encrypted' | 'damaged' | 'too-many'; readonly detail: string };

const home = new URL('../../', import.meta.resolve('pdfjs-dist/legacy/build/pdf.mjs'));
GlobalWorkerOptions.workerSrc = new URL('legacy/build/pdf.worker.mjs', home).href;

function folder(name: string): string {
  return fileURLToPath(new URL(`${name}/`, home));
}

parentPort?.on('message', (question: PdfQuestion) => void answer(question));

async function answer({ octets, pagesMax }: PdfQuestion): Promise<void> {
  try {
    await read(octets, pagesMax);
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'PasswordException')
      say({ kind: 'fault', why: 'encrypted', detail: 'a PDF that opens with a password only' });
    else say({ kind: 'fault', why: 'damaged', detail: `no PDF that can be read: ${String(error)}` });
  }
  parentPort?.postMessage('done');
}

function say(said: PdfSaid): void {
  parentPort?.postMessage(said);
}

async function read(octets: Uint8Array, pagesMax: number): Promise<void> {
  const task = getDocument({
    data: octets,
    cMapUrl: folder('cmaps'),
    cMapPacked: true,
    standardFontDataUrl: folder('standard_fonts'),
    useWorkerFetch: false,
    useWasm: false,
    useSystemFonts: false,
    disableFontFace: true,
    enableXfa: true,
    verbosity: 0,
  });
  try {
    const document = await task.promise;
    await readAround(document);
    for (let number = 1; number <= Math.min(document.numPages, pagesMax); number++) await readPage(document, number);
    if (document.numPages > pagesMax) {
      say({ kind: 'fault', why: 'too-many', detail: `only ${pagesMax} of ${document.numPages} pages were read` });
    }
  } finally {
    await task.destroy();
  }
}

/** Title and other properties, the outline, and files that are attached. */
async function readAround(document: PDFDocumentProxy): Promise<void> {
  const words: string[] = [];
  collect(words, await attempt(document.getMetadata().then(({ info }) => ({ ...info, PDFFormatVersion: null }))));
  collect(words, await attempt(document.getOutline()));
  collect(words, await attempt(document.getJSActions()));
  if (words.length > 0) say({ kind: 'text', text: words.join('\n') });
  const files = await attempt(document.getAttachments());
  for (const [id, { filename }] of files ?? []) await sayFile(document, id, filename);
}

/** One page that can't be read is told, and the others are read. */
async function readPage(document: PDFDocumentProxy, number: number): Promise<void> {
  try {
    const page = await document.getPage(number);
    const content = await page.getTextContent();
    const pieces = content.items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : ''));
    say({ kind: 'text', text: pieces.join('') });
    await readNotes(document, page);
    page.cleanup();
  } catch (error) {
    say({ kind: 'fault', why: 'damaged', detail: `page ${number}: ${String(error)}` });
  }
}

/** Notes, what is filled into forms, links, and files that hang on a page. */
async function readNotes(document: PDFDocumentProxy, page: PDFPageProxy): Promise<void> {
  const words: string[] = [];
  for (const note of await page.getAnnotations()) {
    collect(words, [
      note.contentsObj?.str,
      note.titleObj?.str,
      note.richText?.str,
      note.textContent,
      note.alternativeText,
    ]);
    collect(words, [
      note.fieldValue,
      note.defaultFieldValue,
      note.buttonValue,
      note.options,
      note.url ?? note.unsafeUrl,
    ]);
    if (typeof note.fileId === 'string') await sayFile(document, note.fileId, note.file?.filename ?? 'file');
  }
  if (words.length > 0) say({ kind: 'text', text: words.join('\n') });
}

async function sayFile(document: PDFDocumentProxy, id: string, name: string): Promise<void> {
  const octets = await attempt(document.getAttachmentContent(id));
  if (octets !== null) say({ kind: 'file', name, octets });
  else say({ kind: 'fault', why: 'damaged', detail: `a file in it, ${name}, can't be read` });
}

const levelsMax = 12;
const wordsMax = 10_000;

/** All texts in a value, whatever its form. */
function collect(words: string[], value: unknown, levels = 0): void {
  if (typeof value === 'string' && value.trim() !== '') words.push(value);
  else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && levels < levelsMax) {
    for (const inner of Object.values(value)) if (words.length < wordsMax) collect(words, inner, levels + 1);
  }
}

async function attempt<Value>(promise: Promise<Value>): Promise<Value | null> {
  try {
    return await promise;
  } catch {
    return null;
  }
}
