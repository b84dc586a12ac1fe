/**
 * Letters of all mail programs before and after their signature, side by side, for the eye: `node tools/letters.ts FOLDER`. Pages of HTML, and a picture of each
 * where Chromium is on the PATH.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decodeText, type Part, readStructure } from '#/codec/mime/index.ts';
import { readSignatures, renderSignature, signMail } from '#/signature/index.ts';
import { shapedLetters } from '../test/support/letters.ts';

const ROWS = 8;
const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const [RULE] = readSignatures([
  {
    name: 'standard',
    html: '<p style="font-family:sans-serif;color:#036"><b>{{ displayName }}</b><br>{{ jobTitle }}<br>Tel: {{ phone }}</p><p><img src="cid:logo" width="80" height="8" alt="Acme"></p>',
    text: '{{ displayName }}\n{{ jobTitle }}\nTel: {{ phone }}',
    images: { logo: `data:image/png;base64,${DOT}` },
  },
]);
const folder = resolve(process.argv[2] ?? 'out/letters');
mkdirSync(folder, { recursive: true });
if (RULE === undefined) throw new Error('there is no signature');
const signature = renderSignature(RULE, { displayName: '山田 太郎 (Alice Archer)', jobTitle: '営業部長' }, null);

const rows = shapedLetters().map(({ name, source }) => {
  const signed = signMail(source, [signature]);
  const after = signed.kind === 'signed' ? Buffer.concat(signed.chunks) : source;
  const why = signed.kind === 'signed' ? '' : ` – as it is: ${signed.why.en}`;
  return `<tr><th colspan="2">${escaped(name + why)}</th></tr><tr>${[source, after].map(cell).join('')}</tr>`;
});
for (let at = 0; at < rows.length; at += ROWS) {
  const file = join(folder, `letters-${String(at / ROWS + 1).padStart(2, '0')}.html`);
  const style = 'iframe{width:690px;height:230px;border:1px solid #999}th{text-align:left;font:14px sans-serif}';
  writeFileSync(
    file,
    `<!doctype html><meta charset="utf-8"><style>${style}</style><table>${rows.slice(at, at + ROWS).join('')}</table>`,
  );
  const picture = `--screenshot=${file.replace(/html$/, 'png')}`;
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--window-size=1430,2120'];
  spawnSync('chromium', [...flags, picture, pathToFileURL(file).href], { stdio: 'ignore', timeout: 60_000 });
}
console.log(folder);

/** What a mail program shows of it: HTML where it has some. */
function cell(mail: Buffer): string {
  const leaves = leavesOf(readStructure(mail).root);
  const text = (part: Part): string => decodeText(part, mail.subarray(part.body, part.end));
  const html = leaves.find(({ type, subtype }) => type === 'text' && subtype === 'html');
  const plain = leaves.find(({ type, subtype }) => type === 'text' && subtype === 'plain');
  const page = html === undefined ? `<pre>${escaped(plain === undefined ? '' : text(plain))}</pre>` : text(html);
  const shown = page.replace(/cid:logo\.[^"'\s>]+/g, `data:image/png;base64,${DOT}`);
  return `<td><iframe sandbox="" srcdoc="${escaped(shown)}"></iframe></td>`;
}

function leavesOf(part: Part): readonly Part[] {
  return part.parts.length === 0 ? [part] : part.parts.flatMap(leavesOf);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
