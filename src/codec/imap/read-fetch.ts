/** FETCH: what is asked of each message (RFC 9051 §6.4.5, RFC 3501 §6.4.5, RFC 3516, 7162, 8474, 8514, 8970). */
import type { Command, FetchItem, Partial, Section } from './command.ts';
import { partLevelsMax } from './limits.ts';
import type { Reader } from './reader.ts';
import * as replies from './replies.ts';

const names = /[A-Za-z0-9.]+/y;
const modifiersFollow = / +(?=\()/y;
const partNumbers = /[1-9]\d{0,8}/y;
const sectionWords = /HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME/iy;
const partials = /<(\d{1,15})\.([1-9]\d{0,14})>/y;
const lazy = / +\((?:LAZY(?:=FUZZY)?|FUZZY)\)/iy;

const fast: readonly FetchItem[] = [{ kind: 'flags' }, { kind: 'internaldate' }, { kind: 'size' }];
const macros: ReadonlyMap<string, readonly FetchItem[]> = new Map([
  ['FAST', fast],
  ['ALL', [...fast, { kind: 'envelope' }]],
  ['FULL', [...fast, { kind: 'envelope' }, { kind: 'body' }]],
]);

const whole: Section = { part: [], of: 'all', names: [] };
const plain: ReadonlyMap<string, FetchItem> = new Map<string, FetchItem>([
  ['UID', { kind: 'uid' }],
  ['FLAGS', { kind: 'flags' }],
  ['INTERNALDATE', { kind: 'internaldate' }],
  ['RFC822.SIZE', { kind: 'size' }],
  ['ENVELOPE', { kind: 'envelope' }],
  ['BODYSTRUCTURE', { kind: 'bodystructure' }],
  ['BODY', { kind: 'body' }],
  ['MODSEQ', { kind: 'modseq' }],
  ['EMAILID', { kind: 'emailid' }],
  ['THREADID', { kind: 'threadid' }],
  ['SAVEDATE', { kind: 'savedate' }],
  ['RFC822', { kind: 'section', section: whole, peek: false, partial: null, answeredAs: 'RFC822' }],
  [
    'RFC822.HEADER',
    { kind: 'section', section: { ...whole, of: 'header' }, peek: true, partial: null, answeredAs: 'RFC822.HEADER' },
  ],
  [
    'RFC822.TEXT',
    { kind: 'section', section: { ...whole, of: 'text' }, peek: false, partial: null, answeredAs: 'RFC822.TEXT' },
  ],
]);

export function readFetch(r: Reader, uid: boolean): Command {
  r.space();
  const set = r.set();
  r.space();
  const items = r.sees('(') ? r.list(() => readItem(r, readName(r))) : readItemOrMacro(r);
  const { changedSince, vanished } = readModifiers(r);
  if (vanished && (!uid || changedSince === null)) r.fail(replies.vanishedAlone);
  return { name: 'FETCH', uid, set, items, changedSince, vanished };
}

/** RFC 9051 §6.4.5: a macro stands alone. */
function readItemOrMacro(r: Reader): readonly FetchItem[] {
  const name = readName(r);
  return macros.get(name) ?? [readItem(r, name)];
}

function readName(r: Reader): string {
  const name = r.match(names)?.[0];
  if (name === undefined) r.fail('form');
  return name?.toUpperCase() ?? '';
}

function readItem(r: Reader, name: string): FetchItem {
  if (r.sees('[')) return readSectionItem(r, name);
  if (name === 'PREVIEW') return { kind: 'preview', lazy: r.match(lazy) !== null };
  const item = plain.get(name);
  if (item === undefined) r.fail(replies.unknownWord(name));
  return item ?? { kind: 'uid' };
}

function readSectionItem(r: Reader, name: string): FetchItem {
  r.expect('[');
  switch (name) {
    case 'BODY':
    case 'BODY.PEEK': {
      const section = readSection(r);
      return { kind: 'section', section, peek: name !== 'BODY', partial: readPartial(r), answeredAs: 'BODY' };
    }
    case 'BINARY':
    case 'BINARY.PEEK': {
      const part = readPart(r);
      r.expect(']');
      return { kind: 'binary', part, peek: name !== 'BINARY', partial: readPartial(r) };
    }
    case 'BINARY.SIZE': {
      const part = readPart(r);
      r.expect(']');
      return { kind: 'binarysize', part };
    }
    default:
      r.fail(replies.unknownWord(name));
      return { kind: 'uid' };
  }
}

/** RFC 9051 §9: section, its first bracket taken. */
function readSection(r: Reader): Section {
  const part = readPart(r);
  const dotted = part.length > 0 && r.takes('.');
  const word = dotted || part.length === 0 ? r.match(sectionWords)?.[0].toUpperCase() : undefined;
  if (dotted && word === undefined) r.fail('form');
  const of = word === undefined ? 'all' : (ofWord[word] ?? 'all');
  // RFC 9051 §6.4.5.1: MIME needs a part number before it.
  if (of === 'mime' && part.length === 0) r.fail('form');
  const listed = of === 'fields' || of === 'fields-not';
  if (listed) r.space();
  const fields = listed ? r.list(() => r.text()) : [];
  r.expect(']');
  return { part, of, names: fields };
}

const ofWord: Readonly<Record<string, Section['of']>> = {
  HEADER: 'header',
  'HEADER.FIELDS': 'fields',
  'HEADER.FIELDS.NOT': 'fields-not',
  TEXT: 'text',
  MIME: 'mime',
};

/** Numbers parted by dots; a dot that a word follows is left. */
function readPart(r: Reader): number[] {
  const part: number[] = [];
  const first = r.match(partNumbers);
  if (first !== null) part.push(Number(first[0]));
  for (let next = first && r.match(furtherParts); next; next = r.match(furtherParts)) {
    part.push(Number(next[1]));
    if (part.length > partLevelsMax) r.fail(replies.tooDeep);
  }
  return part;
}

const furtherParts = /\.([1-9]\d{0,8})/y;

function readPartial(r: Reader): Partial | null {
  const found = r.match(partials);
  return found === null ? null : { from: Number(found[1]), bytes: Number(found[2]) };
}

/** RFC 7162 §3.1.4 and §3.2.6. */
function readModifiers(r: Reader): { readonly changedSince: number | null; readonly vanished: boolean } {
  let changedSince: number | null = null;
  let vanished = false;
  if (r.match(modifiersFollow) === null) return { changedSince, vanished };
  r.list(() => {
    const word = r.word();
    if (word === 'VANISHED') vanished = true;
    else if (word === 'CHANGEDSINCE') {
      r.space();
      changedSince = r.modSeq();
    } else r.fail(replies.unknownWord(word));
  });
  return { changedSince, vanished };
}
