/**
 * Text and lines on pages as PDF (ISO 32000-1), for documents that companies pass on. Pure; nothing is embedded: Latin letters are set in Helvetica, which every
 * viewer has, all others in a font of the viewer's own for Japanese, by one of the predefined CMaps (§9.7.5.2).
 */
export { formatPdf, type Mark, type PdfDocument } from './document.ts';
export { widthOf } from './fonts.ts';
