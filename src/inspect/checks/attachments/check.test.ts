import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PartFacts, Unread } from '#/model/index.ts';
import type { AttachmentTraits } from '#/policy/index.ts';
import { sketchMail } from '#/testkit/facts/index.ts';
import { attachments, mayHideAttachment } from './index.ts';

const NONE: AttachmentTraits = {
  names: [],
  types: [],
  sizeMin: null,
  encrypted: false,
  macro: false,
  disguised: false,
  dangerous: false,
};

function found(part: Partial<PartFacts>, traits: Partial<AttachmentTraits>): boolean {
  return [...attachments(sketchMail({ attachments: [part] }), { ...NONE, ...traits })].length === 1;
}

const PDF = { name: '見積書.pdf', declaredType: 'application/pdf', trueType: 'application/pdf', size: 5_000 };
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

test('H1: an attachment has all the traits that a rule names, or is none of its', () => {
  assert.ok(found(PDF, {}));
  assert.ok(found(PDF, { names: ['*.pdf'], types: ['pdf'], sizeMin: 5_000 }));
  assert.ok(!found(PDF, { names: ['*.pdf'], sizeMin: 5_001 }));
  assert.ok(!found(PDF, { types: ['office'] }) && !found(PDF, { encrypted: true }) && !found(PDF, { macro: true }));
  assert.ok(found({ ...PDF, encrypted: true }, { encrypted: true }) && found({ ...PDF, macro: true }, { macro: true }));
});

test('H1: names are read in every form that a program may save them in', () => {
  assert.ok(found({ name: '見積書.ＰＤＦ' }, { names: ['見積*.pdf'] }));
  assert.ok(found({ name: 'a.txt', otherNames: ['plan.XLSX'] }, { names: ['plan.xls?'] }));
  assert.ok(!found({ name: 'a.pdf.txt' }, { names: ['*.pdf'] }) && !found({ name: 'axpdf' }, { names: ['a.pdf'] }));
  assert.ok(!found({ name: null }, { names: ['*'] }));
  assert.ok(found({ name: `${'a'.repeat(200)}b` }, { names: ['*a*a*a*a*a*a*b'] }));
});

test('H1: a kind is what the octets are, and what the name promises', () => {
  assert.ok(found({ name: 'x.dat', trueType: DOCX }, { types: ['office'] }));
  assert.ok(found({ name: 'x.docx', trueType: null }, { types: ['office'] }));
  assert.ok(found({ name: 'x.txt', trueType: 'application/x-msdownload' }, { types: ['executable'], dangerous: true }));
  assert.ok(
    !found({ name: 'x.txt', trueType: 'text/plain' }, { types: ['office', 'archive', 'executable', 'script'] }),
  );
});

test('H1: disguised is what its octets deny; an office document is a ZIP honestly', () => {
  assert.ok(found({ name: 'photo.jpg', declaredType: 'image/jpeg', trueType: 'application/zip' }, { disguised: true }));
  assert.ok(found({ name: 'a.pdf', trueType: 'application/x-msdownload' }, { disguised: true }));
  assert.ok(found({ name: 'list.zip', trueType: DOCX }, { disguised: true }));
  assert.ok(!found({ name: 'a.docx', declaredType: DOCX, trueType: DOCX }, { disguised: true }));
  assert.ok(!found({ name: 'a.docx', trueType: 'application/zip' }, { disguised: true }));
  assert.ok(!found({ ...PDF, declaredType: 'application/octet-stream' }, { disguised: true }));
  assert.ok(!found({ name: 'notes.txt', trueType: 'text/plain' }, { disguised: true }));
  assert.ok(!found({ name: 'a.docx', trueType: null }, { disguised: true }), 'nothing is known');
});

test('H1: dangerous is what a double click runs, dressed up or not', () => {
  assert.ok(
    found({ name: 'report.pdf.exe' }, { dangerous: true }) && found({ name: '資料\u202efdp.exe' }, { dangerous: true }),
  );
  assert.ok(!found(PDF, { dangerous: true }));
});

test('H1: files inside count where a trait is asked for, and attachments alone where none is', () => {
  const mail = sketchMail({
    attachments: [{ path: '2', name: 'a.zip', trueType: 'application/zip' }],
    inside: [
      { path: '2/run.exe', name: 'run.exe' },
      { path: '2/b.txt', name: 'b.txt' },
    ],
  });
  assert.equal([...attachments(mail, NONE)].length, 1);
  assert.deepEqual(
    [...attachments(mail, { ...NONE, dangerous: true })].map(({ part }) => part),
    ['2/run.exe'],
  );
});

test('H1: what is locked may hide any file, but for the names that it lists', () => {
  const hides = (why: Unread['why'], traits: Partial<AttachmentTraits>, isListed = false) =>
    mayHideAttachment(
      sketchMail({
        unread: [{ part: '2', why, detail: '' }],
        inside: isListed ? [{ path: '2/a.txt', name: 'a.txt' }] : [],
      }),
      { ...NONE, ...traits },
    );
  assert.ok(hides('encrypted', { macro: true }, true) && hides('too-deep', { types: ['pdf'] }));
  assert.ok(hides('encrypted', { names: ['*.exe'] }) && !hides('encrypted', { names: ['*.exe'] }, true));
  assert.ok(!hides('encrypted', {}) && !hides('encrypted', { encrypted: true }) && !hides('encrypted', { sizeMin: 1 }));
  assert.ok(!hides('unknown-format', { names: ['*.exe'] }) && hides('damaged', { macro: true }));
});

test('H1: no name or glob makes the check throw', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(
      text,
      text,
      (name, glob) => void found({ name }, { names: [glob.toLowerCase()], dangerous: true, disguised: true }),
    ),
  );
});
