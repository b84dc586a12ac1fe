/** Attachments that become downloads: what is cut out, and what stands in their place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Change, MailAddress, ShareId } from '#/model/index.ts';
import { factsOf, mailWith, partAt } from '../extract/sample-mail.ts';
import { mailVariants } from '../index.ts';
import { cutFiles } from './cut.ts';

type Links = Extract<Change, { kind: 'secureLinks' }>;
const TO = { n: 7, address: 'taro@example.test' as MailAddress, original: null };
const VARIANTS = mailVariants({ token: ({ share, n }) => `token-of-${share}-${n}` });
const DAY_MS = 86_400_000;

function links(parts: readonly string[], more: Partial<Links> & { readonly language?: 'en' | 'ja' } = {}): Change {
  const { language = 'en', ...terms } = more;
  const files = parts.map((path) => ({ name: `file ${path}`, bytes: 1_234_567 }));
  const share = { id: 'S1' as ShareId, base: 'https://files.acme.test', language, files };
  return { kind: 'secureLinks', parts, expireMs: 5 * DAY_MS, downloads: 10, proof: 'code', share, ...terms };
}

function changed(mail: Buffer, ...changes: readonly Change[]): Buffer {
  const variant = VARIANTS.make(mail, changes, TO);
  assert.equal(variant.kind, 'made', variant.kind === 'impossible' ? variant.why.en : '');
  return Buffer.concat(variant.kind === 'made' ? variant.chunks : []);
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

test('H1: attachments give way to one text with the recipient’s own link; the mail’s other parts stay', async () => {
  const mail = mailWith(['見積書.pdf', Buffer.from('%PDF-1.4')], ['plan.txt', Buffer.from('the plan')], ['c.bin', PNG]);
  const facts = await factsOf(changed(mail, links(['2', '4'])));
  assert.deepEqual(
    facts.parts.map(({ path, role }) => `${path} ${role}`),
    [' container', '1 body', '2 body', '3 attachment'],
  );
  const text = partAt(facts, '2').text ?? '';
  assert.match(text, /^https:\/\/files\.acme\.test\/files\/token-of-S1-7$/m);
  assert.match(text, /file 2 \(1\.2 MB\)/);
  assert.match(text, /5 days .* 10 times .* sends a code/);
  assert.equal(partAt(facts, '3').text, 'the plan');
});

test('H1: what it says is in the language of the company, and by its terms', async () => {
  const mail = mailWith(['a.pdf', Buffer.from('%PDF-1.4')]);
  const say = async (more: Parameters<typeof links>[1]) =>
    partAt(await factsOf(changed(mail, links(['2'], more))), '2').text ?? '';
  const japanese = await say({ language: 'ja', proof: 'password', expireMs: DAY_MS / 2, downloads: 1 });
  assert.match(japanese, /次のページからダウンロード/);
  assert.match(japanese, /12時間、ファイルごとに1回まで.*パスワードは別のメール/);
  assert.match(await say({ proof: 'none', downloads: 1 }), /once for each file\.\s*$/);
});

test('H1: inline images and nested parts stay; a file in front of all others gives way without emptying its multipart', async () => {
  const inner =
    '--r\r\nContent-Type: text/html\r\n\r\n<img src="cid:logo">\r\n--r\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--r--\r\n';
  const mail = Buffer.from(
    [
      'From: a@acme.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n',
      '--b\r\nContent-Type: application/pdf; name=first.pdf\r\n\r\n%PDF-1\r\n',
      `--b\r\nContent-Type: multipart/related; boundary=r\r\n\r\n${inner}`,
      '--b\r\nContent-Type: multipart/mixed; boundary=n\r\n\r\n--n\r\nContent-Type: application/zip; name=only.zip\r\n\r\nPK\r\n--n--\r\n',
      '--b--\r\n',
    ].join(''),
  );
  const made = changed(mail, links(['1', '3.1']));
  const facts = await factsOf(made);
  assert.match(partAt(facts, '1').text ?? '', /token-of-S1-7/);
  assert.ok(made.includes(inner), 'the page with its image is as it was');
  assert.equal(partAt(facts, '3.1').role, 'body');
  assert.ok(!made.includes('%PDF') && !made.includes('PK'));
});

test('H1: a mail that is nothing but a file becomes one that says where it is', async () => {
  const mail = Buffer.from(
    'From: a@acme.test\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQ=\r\n',
  );
  assert.deepEqual(cutFiles(mail, ['1'])[0]?.octets.toString(), '%PDF-1.4');
  const facts = await factsOf(changed(mail, links(['1'])));
  assert.match(partAt(facts, '1').text ?? '', /token-of-S1-7/);
});

test('RFC 2231, RFC 2047: a file is cut out under the name that the mail gives it', () => {
  const part = (fields: string) =>
    `--b\r\nContent-Transfer-Encoding: base64\r\n${fields}\r\n\r\n${PNG.toString('base64')}\r\n`;
  const mail = Buffer.from(
    `From: a@acme.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${[
      "Content-Disposition: attachment; filename*0*=utf-8''%E8%A6%8B%E7%A9%8D; filename*1*=%E6%9B%B8; filename*2=.pdf",
      'Content-Type: application/pdf; name="=?ISO-2022-JP?B?GyRCOCtAUT1xGyhCLnBkZg==?="',
      'Content-Disposition: attachment',
    ]
      .map(part)
      .join('')}--b--\r\n`,
  );
  const files = cutFiles(mail, ['1', '2', '3']);
  assert.deepEqual(
    files.map(({ name }) => name),
    ['見積書.pdf', '見積書.pdf', null],
  );
  for (const { octets } of files) assert.deepEqual(octets, PNG);
});

test('H1: without its files kept, or of what is signed, no mail with links is made', () => {
  const mail = mailWith(['a.pdf', Buffer.from('x')]);
  const why = (content: Buffer, change: Change, variants = VARIANTS) => {
    const variant = variants.make(content, [change], TO);
    return variant.kind === 'impossible' ? variant.why.en : 'made';
  };
  const { share: _share, ...bare } = links(['2']) as Links;
  assert.match(why(mail, bare), /not put among the downloads/);
  assert.match(why(mail, links(['2']), mailVariants(null)), /not put among the downloads/);
  assert.match(why(mail, links(['9'])), /not found/);
  const signed = Buffer.from(mail.toString('latin1').replace('multipart/mixed', 'multipart/signed'), 'latin1');
  assert.match(why(signed, links(['2'])), /signed/);
});

test('H1: what is cut out comes back octet for octet, the rest of the mail stays octet for octet, and each attempt is the same', () => {
  const file = fc.record({
    octets: fc.uint8Array({ maxLength: 300 }),
    cut: fc.boolean(),
    empty: fc.constantFrom(0, 0, 1),
  });
  fc.assert(
    fc.property(fc.array(file, { minLength: 1, maxLength: 6 }), fc.boolean(), (files, closed) => {
      const parts = files.map(({ octets, empty }) => {
        const body = empty === 1 ? '' : `${Buffer.from(octets).toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n`;
        return `Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}`;
      });
      const mail = Buffer.from(
        `From: a@acme.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n${parts.join('--b\r\n')}${closed ? '--b--\r\n' : ''}`,
      );
      const paths = files.flatMap(({ cut }, i) => (cut ? [`${i + 2}`] : []));
      if (paths.length === 0) return;
      for (const [i, { octets }] of cutFiles(mail, paths).entries()) {
        const source = files[Number(paths[i]) - 2];
        assert.deepEqual(octets, Buffer.from(source?.empty === 1 ? [] : (source?.octets ?? [])));
      }
      const [one, two] = [changed(mail, links(paths)), changed(mail, links(paths))];
      assert.ok(one.equals(two));
      const left = files.filter(({ cut }) => !cut);
      const after = cutFiles(
        one,
        Array.from({ length: left.length + 2 }, (_, i) => `${i + 1}`),
      );
      assert.equal(after.filter(({ octets }) => octets.includes('token-of-S1-7')).length, 1);
      const kept = after.slice(1).filter(({ octets }) => !octets.includes('token-of-S1-7'));
      assert.deepEqual(
        kept.map(({ octets }) => octets),
        left.map(({ octets, empty }) => Buffer.from(empty === 1 ? [] : octets)),
      );
    }),
    { numRuns: 150 },
  );
});
