/**
 * A notice as text and as HTML, equal in content (look.md, Mails we send). What it is made of are plain values; whatever stands in them, the
 * texts keep their form.
 */
import type { Language } from './words.ts';

export interface Page {
  readonly language: Language;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  /** Where something else begins. */
  | { readonly kind: 'rule' }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** What the reader can do, by a link. */
  | { readonly kind: 'act'; readonly label: string; readonly url: string };

/** The pages one below the other, CRLF. */
export function textOf(pages: readonly Page[]): string {
  const texts = pages.map(({ blocks }) => blocks.map(blockText).join('\r\n\r\n'));
  return `${texts.join('\r\n\r\n----------\r\n\r\n')}\r\n`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'text':
      return line(block.text);
    case 'rule':
      return '--';
    case 'facts':
      return block.rows.map(([label, value]) => `  ${label}: ${line(value)}`).join('\r\n');
    case 'list':
      return block.items.map((item) => `  - ${line(item)}`).join('\r\n');
    case 'act':
      return `${line(block.label)}:\r\n  ${block.url}`;
  }
}

// Long addresses break anywhere: a phone shows them whole.
const BODY =
  'font:16px/1.45 system-ui,sans-serif;color:#1d2430;background:#fff;max-width:640px;margin:0;padding:16px;overflow-wrap:anywhere';
const TABLE = 'border-collapse:collapse;margin:0 0 16px';
const LABEL = 'width:8em;padding:2px 16px 2px 0;text-align:left;vertical-align:top;font-weight:400;color:#5b6472';
const VALUE = 'padding:2px 0;overflow-wrap:anywhere';
const ACT =
  'display:inline-block;padding:8px 16px;border:1px solid #1d5fbf;border-radius:6px;color:#1d5fbf;font-weight:600;text-decoration:none';

/** One document; nothing in it is fetched. */
export function htmlOf(pages: readonly Page[]): string {
  const [first] = pages;
  const body = pages.map(({ language, blocks }) => {
    return `<div lang="${language}">\r\n${blocks.map(blockHtml).join('\r\n')}\r\n</div>`;
  });
  return [
    `<!doctype html><html lang="${first?.language ?? 'en'}"><head><meta charset="utf-8"></head>`,
    `<body style="${BODY}">`,
    body.join('\r\n<hr>\r\n'),
    '</body></html>\r\n',
  ].join('\r\n');
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escaped(block.text)}</p>`;
    case 'rule':
      return '<hr style="border:0;border-top:1px solid #d5dae1">';
    case 'facts':
      return `<table style="${TABLE}">\r\n${block.rows.map(rowHtml).join('\r\n')}\r\n</table>`;
    case 'list':
      return `<ul>\r\n${block.items.map((item) => `<li>${escaped(item)}</li>`).join('\r\n')}\r\n</ul>`;
    case 'act':
      return `<p><a href="${escaped(block.url)}" style="${ACT}">${escaped(block.label)}</a></p>`;
  }
}

function rowHtml([label, value]: readonly [string, string]): string {
  return `<tr><th scope="row" style="${LABEL}">${escaped(label)}</th><td style="${VALUE}">${escaped(value)}</td></tr>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return line(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

/** One line, whatever a stranger wrote: no control characters, nothing that turns the direction of what follows. */
export function line(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
    .toWellFormed();
}
