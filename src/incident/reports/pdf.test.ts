/** Reports as PDF, read back by pdf.js, which others wrote. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { IncidentEntry, IncidentId } from '#/model/index.ts';
import { foldIncident } from '../fold.ts';
import { linesOf } from './lines.ts';
import { pdfOf } from './pdf.ts';
import { formatReport } from './report.ts';

const NOON = Date.UTC(2026, 10, 30, 3);
const MINUTE = 60_000;
const MAPS = fileURLToPath(new URL('../../cmaps/', import.meta.resolve('pdfjs-dist/legacy/build/pdf.mjs')));
const SAID = {
  en: 'The disk was full | (95 %) \\ {x} & <b>slow</b>.',
  ja: '「再送」の必要はありません。ﾊﾝｶｸ、１つの＊印。',
};

function report(language: 'en' | 'ja', updates: number, text = SAID): Buffer {
  const entries: IncidentEntry[] = [
    { kind: 'opened', at: NOON, by: 'x', title: { en: 'Mail is late', ja: 'メール配送の遅延' }, text },
    ...Array.from({ length: updates }, (_, i): IncidentEntry => {
      return { kind: 'updated', at: NOON + i * MINUTE, by: 'x', text };
    }),
    { kind: 'updated', at: NOON + 600 * MINUTE, by: 'x', cause: text },
  ];
  const markdown = formatReport({
    ...{ incident: foldIncident({ id: '20261130-01' as IncidentId, kind: 'incident', entries }), version: 'final' },
    ...{ number: 1, language, tenant: { name: '株式会社アクメ' }, changes: [], issuer: 'mx.example.test' },
    ...{ figures: { messages: 1234, recipients: 2345, unserved: 12 }, timezone: 'Asia/Tokyo', now: NOON },
  });
  return pdfOf(markdown, { language, name: '20261130-01-1' });
}

interface Piece {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** The texts of each page, each with its place. */
async function read(octets: Buffer): Promise<readonly (readonly Piece[])[]> {
  const task = getDocument({ data: new Uint8Array(octets), cMapUrl: MAPS, cMapPacked: true, verbosity: 0 });
  try {
    const document = await task.promise;
    const pages: (readonly Piece[])[] = [];
    for (let n = 1; n <= document.numPages; n++) {
      const { items } = await (await document.getPage(n)).getTextContent();
      pages.push(
        items.flatMap((item) =>
          'str' in item && item.str !== ''
            ? [{ text: item.str, x: Number(item.transform[4]), y: Number(item.transform[5]), width: item.width }]
            : [],
        ),
      );
    }
    return pages;
  } finally {
    await task.destroy();
  }
}

/** What stands on pages, without the spaces between pieces. */
function textOf(pages: readonly (readonly Piece[])[]): string {
  return pages
    .flatMap((page) => page.map(({ text }) => text))
    .join('')
    .replaceAll(/\s/g, '');
}

test('H11: a report as PDF says in both languages what its Markdown says, under the same headings', async () => {
  const expected = {
    en: ['Incident report (final)', 'Affected area', 'Cause', 'Timeline', 'Permanent measures', '1,234', SAID.en],
    ja: ['障害報告書（最終報告）', '障害内容', '影響範囲', '原因', '経緯', '恒久対策', '株式会社アクメ', SAID.ja],
  };
  for (const language of ['en', 'ja'] as const) {
    const text = textOf(await read(report(language, 0)));
    for (const said of expected[language]) assert.ok(text.includes(said.replaceAll(/\s/g, '')), `${said}\n${text}`);
  }
});

test('H11: a long report goes on over pages, each with the heading of its table, its name and its number', async () => {
  const pages = await read(report('ja', 60));
  assert.ok(pages.length >= 3, String(pages.length));
  for (const [i, page] of pages.entries()) {
    const text = textOf([page]);
    assert.ok(text.includes(`20261130-01-1${i + 1}/${pages.length}`), text);
    if (i > 0 && i < pages.length - 1) assert.ok(text.startsWith('日時内容'), text.slice(0, 40));
    for (const { x, y, width } of page)
      assert.ok(x >= 59 && x + width <= 537 && y >= 30 && y <= 790, `${x} ${y} ${width}`);
  }
  assert.equal(
    textOf(pages).split(SAID.ja.replaceAll(/\s/g, '')).length - 1,
    63,
    'each update once, what happened and the cause',
  );
});

test('H11: one text that is longer than a page is broken where the page ends, and all of it is there', async () => {
  const long = { en: `${'word '.repeat(2_000)}end.`, ja: '' };
  const text = textOf(await read(report('en', 1, long)));
  assert.equal(text.split('end.').length - 1, 4);
  assert.ok((text.match(/word/g) ?? []).length >= 8_000);
});

test('house: no line begins with a mark that closes or ends with one that opens, and a word that fits no line is broken', () => {
  const text = '必要です。「再送」（すべて）、'.repeat(20);
  for (let width = 50; width < 120; width += 7) {
    const lines = linesOf(text, 10, width);
    assert.equal(lines.join(''), text);
    for (const line of lines) {
      assert.doesNotMatch(line, /^[。、」）]/);
      assert.doesNotMatch(line, /[「（]$/);
    }
  }
  assert.ok(linesOf('x'.repeat(300), 10, 100).every(({ length }) => length <= 20));
  assert.deepEqual(linesOf('a b', 10, 1_000), ['a b']);
  assert.deepEqual(linesOf('', 10, 100), ['']);
});
