/** Any command, written as clients write it and read again: the same, however it is spelled and cut. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Flag, MailboxName, SpecialUse } from '#/model/index.ts';
import type {
  AppendHead,
  Command,
  FetchItem,
  SearchKey,
  SearchReturn,
  Section,
  SequenceSet,
  SetRange,
  SortCriterion,
  StatusItem,
} from './command.ts';
import { formatDateTime } from './date.ts';
import { formatUids, ImapStepper, parseMailboxName, type Step } from './index.ts';
import { encodeUtf7 } from './utf7.ts';

// ── Values ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Objects as our parser makes them. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

const word = fc.stringMatching(/^[A-Za-z0-9$_.-]{1,12}$/).filter((text) => text.toUpperCase() !== 'NIL');
/** Letters that mean something in IMAP, among all others. */
const letter = fc.oneof(
  fc.constantFrom(...'"\\{}()[]<>&%*+-,/ \r\nNIL0é日'.split('')),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc.string({ unit: letter, maxLength: 20 }).filter((value) => !value.includes('\0'));
const mailbox: fc.Arbitrary<MailboxName> = fc
  .array(fc.string({ unit: letter, minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 })
  .map((levels) => parseMailboxName(levels.join('/')))
  .filter((name) => name !== null);
const number = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 0xffff_ffff }));
const modSeq = fc.maxSafeNat();
const range: fc.Arbitrary<SetRange> = fc.oneof(
  number.map((n): SetRange => [n, n]),
  fc.tuple(fc.option(number), fc.option(number)),
);
const set: fc.Arbitrary<SequenceSet> = fc.oneof(
  fc.array(range, { minLength: 1, maxLength: 6 }),
  fc.constant<SequenceSet>('$'),
);
const flag: fc.Arbitrary<Flag> = fc.oneof(
  fc.constantFrom('\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft'),
  word,
);
const flags = fc.array(flag, { maxLength: 4 });
const day = fc.integer({ min: -25_000, max: 60_000 }).map((days) => days * 86_400_000);
const moment = fc.integer({ min: -2_000_000_000, max: 8_000_000_000 }).map((seconds) => seconds * 1000);
const part = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 });
const partial = fc.option(record({ from: fc.nat(), bytes: fc.integer({ min: 1 }) }));
const uid = fc.boolean();

const section: fc.Arbitrary<Section> = fc.oneof(
  record({ part, of: fc.constantFrom('all', 'header', 'text'), names: fc.constant([]) }),
  record({ part: part.filter((numbers) => numbers.length > 0), of: fc.constant('mime'), names: fc.constant([]) }),
  record({
    part,
    of: fc.constantFrom('fields', 'fields-not'),
    names: fc.array(
      text.filter((name) => name !== ''),
      { minLength: 1, maxLength: 3 },
    ),
  }),
);
const whole = { part: [], names: [] };
const item: fc.Arbitrary<FetchItem> = fc.oneof(
  fc
    .constantFrom('uid', 'flags', 'internaldate', 'size', 'envelope', 'bodystructure', 'body')
    .map((kind): FetchItem => ({ kind })),
  fc.constantFrom('modseq', 'emailid', 'threadid', 'savedate').map((kind): FetchItem => ({ kind })),
  record({ kind: fc.constant('preview'), lazy: fc.boolean() }),
  record({ kind: fc.constant('section'), section, peek: fc.boolean(), partial, answeredAs: fc.constant('BODY') }),
  fc.constantFrom<FetchItem>(
    { kind: 'section', section: { ...whole, of: 'all' }, peek: false, partial: null, answeredAs: 'RFC822' },
    { kind: 'section', section: { ...whole, of: 'header' }, peek: true, partial: null, answeredAs: 'RFC822.HEADER' },
    { kind: 'section', section: { ...whole, of: 'text' }, peek: false, partial: null, answeredAs: 'RFC822.TEXT' },
  ),
  record({ kind: fc.constant('binary'), part, peek: fc.boolean(), partial }),
  record({ kind: fc.constant('binarysize'), part }),
);

const { key } = fc.letrec<{ key: SearchKey }>((tie) => ({
  key: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<SearchKey>({ kind: 'all' }, { kind: 'saveDateSupported' }),
    record({ kind: fc.constantFrom('numbers', 'uids'), set }),
    record({ kind: fc.constant('flag'), flag, has: fc.boolean() }),
    record({
      kind: fc.constant('day'),
      of: fc.constantFrom('received', 'sent', 'saved'),
      when: fc.constantFrom('before', 'on', 'since'),
      day,
    }),
    record({ kind: fc.constant('age'), when: fc.constantFrom('older', 'younger'), seconds: number }),
    record({ kind: fc.constant('size'), when: fc.constantFrom('larger', 'smaller'), bytes: fc.maxSafeNat() }),
    record({
      kind: fc.constant('header'),
      name: fc.oneof(
        fc.constantFrom('from', 'to', 'cc', 'bcc', 'subject'),
        word.map((name) => name.toLowerCase()),
      ),
      text,
    }),
    record({ kind: fc.constant('text'), of: fc.constantFrom('body', 'text'), text }),
    record({ kind: fc.constant('modseq'), atLeast: modSeq }),
    record({ kind: fc.constantFrom('emailid', 'threadid'), id: word }),
    record({ kind: fc.constant('not'), key: tie('key') }),
    record({ kind: fc.constant('or'), keys: fc.tuple(tie('key'), tie('key')) }),
    record({ kind: fc.constant('and'), keys: fc.array(tie('key'), { minLength: 2, maxLength: 4 }) }),
  ),
}));
const bit = fc.boolean();
const returns: fc.Arbitrary<SearchReturn | null> = fc.option(
  record({ min: bit, max: bit, all: bit, count: bit, save: bit }).filter((asked) =>
    Object.values(asked).includes(true),
  ),
);
const charset = fc.constantFrom('UTF-8', 'US-ASCII');
const criterion: fc.Arbitrary<SortCriterion> = record({
  by: fc.constantFrom('arrival', 'cc', 'date', 'from', 'size', 'subject', 'to'),
  reverse: bit,
});
const statusItems: fc.Arbitrary<StatusItem[]> = fc.array(
  fc.constantFrom('messages', 'recent', 'uidnext', 'unseen', 'deleted', 'size', 'highestmodseq', 'mailboxid'),
  { minLength: 1, maxLength: 4 },
);
const specialUse = fc.option(fc.constantFrom<SpecialUse>('Archive', 'Drafts', 'Flagged', 'Junk', 'Sent', 'Trash'));
const pattern = text.map((value) => value.normalize('NFC'));
const noSelect = { subscribed: false, remote: false, recursiveMatch: false, specialUse: false };
const noReturns = { subscribed: false, children: false, specialUse: false, status: [] };

const command = fc.oneof(
  fc
    .constantFrom('CAPABILITY', 'NOOP', 'LOGOUT', 'STARTTLS', 'NAMESPACE', 'CHECK', 'CLOSE', 'UNSELECT', 'IDLE')
    .map((name) => ({ name })),
  record({
    name: fc.constant('AUTHENTICATE'),
    mechanism: fc.constantFrom('PLAIN', 'SCRAM-SHA-256'),
    initial: fc.option(fc.base64String()),
  }),
  record({ name: fc.constant('LOGIN'), user: text, password: text }),
  record({
    name: fc.constant('ENABLE'),
    capabilities: fc.array(
      word.map((name) => name.toUpperCase()),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  record({
    name: fc.constant('ID'),
    fields: fc.option(fc.array(fc.tuple(text, fc.option(text)), { maxLength: 3 })),
  }),
  record({
    name: fc.constantFrom('SELECT', 'EXAMINE'),
    mailbox,
    condstore: bit,
    qresync: fc.option(
      record({
        uidValidity: number,
        modSeq,
        known: fc.option(set),
        match: fc.option(record({ numbers: set, uids: set })),
      }),
    ),
  }),
  record({ name: fc.constant('CREATE'), mailbox, specialUse }),
  record({ name: fc.constantFrom('DELETE', 'SUBSCRIBE', 'UNSUBSCRIBE', 'GETQUOTAROOT'), mailbox }),
  record({ name: fc.constant('RENAME'), from: mailbox, to: mailbox }),
  record({
    name: fc.constant('LIST'),
    lsub: fc.constant(false),
    select: record({ subscribed: bit, remote: bit, recursiveMatch: bit, specialUse: bit }).filter(
      (asked) => !asked.recursiveMatch || asked.subscribed || asked.specialUse,
    ),
    reference: pattern,
    patterns: fc.array(pattern, { minLength: 1, maxLength: 3 }),
    returns: record({
      subscribed: bit,
      children: bit,
      specialUse: bit,
      status: fc.oneof(fc.constant([]), statusItems),
    }),
    extended: fc.constant(true),
  }),
  record({
    name: fc.constant('LIST'),
    lsub: bit,
    select: fc.constant(noSelect),
    reference: pattern,
    patterns: fc.tuple(pattern),
    returns: fc.constant(noReturns),
    extended: fc.constant(false),
  }),
  record({ name: fc.constant('STATUS'), mailbox, items: statusItems }),
  record({ name: fc.constant('GETQUOTA'), root: text }),
  record({ name: fc.constant('EXPUNGE'), uids: fc.option(set) }),
  record({ name: fc.constant('SEARCH'), uid, returns, charset: fc.option(charset), key }),
  record({
    name: fc.constant('SORT'),
    uid,
    returns,
    criteria: fc.array(criterion, { minLength: 1, maxLength: 3 }),
    charset,
    key,
  }),
  record({
    name: fc.constant('THREAD'),
    uid,
    algorithm: fc.constantFrom('ORDEREDSUBJECT', 'REFERENCES'),
    charset,
    key,
  }),
  record({
    name: fc.constant('FETCH'),
    uid,
    set,
    items: fc.array(item, { minLength: 1, maxLength: 4 }),
    changedSince: fc.option(modSeq),
    vanished: bit,
  }).filter((fetch) => !fetch.vanished || (fetch.uid && fetch.changedSince !== null)),
  record({
    name: fc.constant('STORE'),
    uid,
    set,
    how: fc.constantFrom('add', 'remove', 'replace'),
    silent: bit,
    flags,
    unchangedSince: fc.option(modSeq),
  }),
  record({ name: fc.constantFrom('COPY', 'MOVE'), uid, set, mailbox }),
) as fc.Arbitrary<Command>;

// ── How clients write them ─────────────────────────────────────────────────────────────────────────────────────────

/** Writes commands; `choices` say how each string is spelled. Octets are characters. */
class Writer {
  readonly #choices: readonly number[];
  readonly #utf8: boolean;
  #chosen = 0;

  constructor(choices: readonly number[], utf8: boolean) {
    this.#choices = choices;
    this.#utf8 = utf8;
  }

  /** A string: quoted, bare, or a literal of either kind. */
  string(octets: string, bare = true): string {
    const choice = this.#choices[this.#chosen++ % this.#choices.length];
    if (choice === 0 && !/[\0\r\n]/.test(octets)) return `"${octets.replace(/["\\]/g, '\\$&')}"`;
    if (choice === 1 && bare && /^[^\0-\x20\x7f-\xff(){%*"\\]+$/.test(octets)) return octets;
    return `{${octets.length}${choice === 2 ? '+' : ''}}\r\n${octets}`;
  }

  text(value: string, bare = true): string {
    return this.string(Buffer.from(value).toString('latin1'), bare);
  }

  /** Modified UTF-7 where UTF-8 is not enabled, and sometimes UTF-8 all the same. */
  name(value: string): string {
    const raw = this.#utf8 || (/[^\0-\x7f]/.test(value) && this.#choices[0] === 0);
    return raw ? this.text(value) : this.string(encodeUtf7(value));
  }

  command(value: Command): string {
    const prefix = 'uid' in value && value.uid ? 'UID ' : '';
    switch (value.name) {
      case 'AUTHENTICATE':
        return `AUTHENTICATE ${value.mechanism}${value.initial === null ? '' : ` ${value.initial || '='}`}`;
      case 'LOGIN':
        return `LOGIN ${this.text(value.user)} ${this.text(value.password)}`;
      case 'ENABLE':
        return `ENABLE ${value.capabilities.join(' ')}`;
      case 'ID':
        return `ID ${value.fields === null ? 'NIL' : this.#list(value.fields, ([name, field]) => this.#field(name, field))}`;
      case 'SELECT':
      case 'EXAMINE':
        return `${value.name} ${this.name(value.mailbox)}${this.#selectParameters(value)}`;
      case 'CREATE':
        return `CREATE ${this.name(value.mailbox)}${value.specialUse === null ? '' : ` (USE (\\${value.specialUse}))`}`;
      case 'DELETE':
      case 'SUBSCRIBE':
      case 'UNSUBSCRIBE':
      case 'GETQUOTAROOT':
        return `${value.name} ${this.name(value.mailbox)}`;
      case 'RENAME':
        return `RENAME ${this.name(value.from)} ${this.name(value.to)}`;
      case 'LIST':
        return this.#listCommand(value);
      case 'STATUS':
        return `STATUS ${this.name(value.mailbox)} (${value.items.join(' ')})`;
      case 'GETQUOTA':
        return `GETQUOTA ${this.text(value.root)}`;
      case 'EXPUNGE':
        return value.uids === null ? 'EXPUNGE' : `UID EXPUNGE ${setText(value.uids)}`;
      case 'SEARCH':
        return `${prefix}SEARCH ${returnText(value.returns)}${value.charset === null ? '' : `CHARSET ${value.charset} `}${this.key(value.key)}`;
      case 'SORT':
        return `${prefix}SORT ${returnText(value.returns)}(${value.criteria.map((by) => `${by.reverse ? 'REVERSE ' : ''}${by.by}`).join(' ')}) ${value.charset} ${this.key(value.key)}`;
      case 'THREAD':
        return `${prefix}THREAD ${value.algorithm} ${value.charset} ${this.key(value.key)}`;
      case 'FETCH': {
        const since =
          value.changedSince === null
            ? ''
            : ` (CHANGEDSINCE ${value.changedSince}${value.vanished ? ' VANISHED' : ''})`;
        return `${prefix}FETCH ${setText(value.set)} ${this.#list(value.items, (of) => this.item(of))}${since}`;
      }
      case 'STORE': {
        const sign = { add: '+', remove: '-', replace: '' }[value.how];
        const since = value.unchangedSince === null ? '' : `(UNCHANGEDSINCE ${value.unchangedSince}) `;
        const silent = value.silent ? '.SILENT' : '';
        return `${prefix}STORE ${setText(value.set)} ${since}${sign}FLAGS${silent} (${value.flags.join(' ')})`;
      }
      case 'COPY':
      case 'MOVE':
        return `${prefix}${value.name} ${setText(value.set)} ${this.name(value.mailbox)}`;
      default:
        return value.name;
    }
  }

  #selectParameters(value: Extract<Command, { condstore: boolean }>): string {
    const { condstore, qresync } = value;
    const parameters = condstore ? ['CONDSTORE'] : [];
    if (qresync !== null) {
      const { uidValidity, modSeq: since, known, match } = qresync;
      const rest = known === null ? '' : ` ${setText(known)}`;
      const matched = match === null ? '' : ` (${setText(match.numbers)} ${setText(match.uids)})`;
      parameters.push(`QRESYNC (${uidValidity} ${since}${rest}${matched})`);
    }
    return parameters.length === 0 ? '' : ` (${parameters.join(' ')})`;
  }

  #listCommand(value: Extract<Command, { name: 'LIST' }>): string {
    const reference = this.name(value.reference);
    const patterns = value.patterns.map((of) => this.name(of));
    if (!value.extended) return `${value.lsub ? 'LSUB' : 'LIST'} ${reference} ${patterns.join(' ')}`;
    const { subscribed, remote, recursiveMatch } = value.select;
    const select = [
      ...(subscribed ? ['SUBSCRIBED'] : []),
      ...(remote ? ['REMOTE'] : []),
      ...(recursiveMatch ? ['RECURSIVEMATCH'] : []),
      ...(value.select.specialUse ? ['SPECIAL-USE'] : []),
    ];
    const asked = [
      ...(value.returns.subscribed ? ['SUBSCRIBED'] : []),
      ...(value.returns.children ? ['CHILDREN'] : []),
      ...(value.returns.specialUse ? ['SPECIAL-USE'] : []),
      ...(value.returns.status.length > 0 ? [`STATUS (${value.returns.status.join(' ')})`] : []),
    ];
    return `LIST (${select.join(' ')}) ${reference} (${patterns.join(' ')}) RETURN (${asked.join(' ')})`;
  }

  #field(name: string, field: string | null): string {
    return `${this.text(name, false)} ${field === null ? 'NIL' : this.text(field, false)}`;
  }

  #list<T>(members: readonly T[], write: (member: T) => string): string {
    return `(${members.map(write).join(' ')})`;
  }

  item(of: FetchItem): string {
    switch (of.kind) {
      case 'size':
        return 'RFC822.SIZE';
      case 'preview':
        return of.lazy ? 'PREVIEW (LAZY)' : 'PREVIEW';
      case 'binarysize':
        return `BINARY.SIZE[${of.part.join('.')}]`;
      case 'binary':
        return `BINARY${of.peek ? '.PEEK' : ''}[${of.part.join('.')}]${partialText(of.partial)}`;
      case 'section': {
        if (of.answeredAs !== 'BODY') return of.answeredAs;
        const { part: numbers, of: which, names } = of.section;
        const words = { all: '', fields: 'HEADER.FIELDS', 'fields-not': 'HEADER.FIELDS.NOT' };
        const named = which in words ? words[which as keyof typeof words] : which.toUpperCase();
        const place = [numbers.join('.'), named].filter((piece) => piece !== '').join('.');
        const list = names.length === 0 ? '' : ` ${this.#list(names, (name) => this.text(name))}`;
        return `BODY${of.peek ? '.PEEK' : ''}[${place}${list}]${partialText(of.partial)}`;
      }
      default:
        return of.kind.toUpperCase();
    }
  }

  key(of: SearchKey): string {
    switch (of.kind) {
      case 'all':
        return 'ALL';
      case 'saveDateSupported':
        return 'SAVEDATESUPPORTED';
      case 'numbers':
        return setText(of.set);
      case 'uids':
        return `UID ${setText(of.set)}`;
      case 'flag':
        if (!of.flag.startsWith('\\')) return `${of.has ? '' : 'UN'}KEYWORD ${of.flag}`;
        return `${of.has ? '' : 'UN'}${of.flag.slice(1)}`;
      case 'day': {
        const prefix = { received: '', sent: 'SENT', saved: 'SAVED' }[of.of];
        return `${prefix}${of.when} ${formatDateTime(of.day).slice(1, 12).trim()}`;
      }
      case 'age':
        return `${of.when} ${of.seconds}`;
      case 'size':
        return `${of.when} ${of.bytes}`;
      case 'header': {
        const short = ['from', 'to', 'cc', 'bcc', 'subject'].includes(of.name);
        return `${short ? of.name : `HEADER ${this.text(of.name)}`} ${this.text(of.text)}`;
      }
      case 'text':
        return `${of.of} ${this.text(of.text)}`;
      case 'modseq':
        return `MODSEQ ${this.#choices[0] === 0 ? '"/flags/\\\\Seen" all ' : ''}${of.atLeast}`;
      case 'emailid':
      case 'threadid':
        return `${of.kind} ${of.id}`;
      case 'not':
        return `NOT ${this.key(of.key)}`;
      case 'or':
        return `OR ${this.key(of.keys[0])} ${this.key(of.keys[1])}`;
      case 'and':
        return `(${of.keys.map((inner) => this.key(inner)).join(' ')})`;
    }
  }
}

function setText(value: SequenceSet): string {
  if (value === '$') return '$';
  const ranges = value.map(([from, to]) => (from === to ? `${from ?? '*'}` : `${from ?? '*'}:${to ?? '*'}`));
  return ranges.join(',');
}

function partialText(value: { readonly from: number; readonly bytes: number } | null): string {
  return value === null ? '' : `<${value.from}.${value.bytes}>`;
}

function returnText(value: SearchReturn | null): string {
  if (value === null) return '';
  const asked = Object.entries(value).flatMap(([name, wanted]) => (wanted ? [name.toUpperCase()] : []));
  return `RETURN (${asked.join(' ')}) `;
}

// ── Reading them again ─────────────────────────────────────────────────────────────────────────────────────────────

function read(pieces: readonly Buffer[], utf8: boolean): Step[] {
  const stepper = new ImapStepper();
  stepper.signIn();
  if (utf8) stepper.enableUtf8();
  const steps: Step[] = [];
  for (const piece of pieces) {
    stepper.feed(piece);
    for (let step = stepper.next(); step.kind !== 'hungry'; step = stepper.next())
      if (step.kind !== 'continue')
        steps.push(step.kind === 'chunk' ? { ...step, bytes: Buffer.from(step.bytes) } : step);
  }
  assert.equal(stepper.buffered(), 0);
  return steps;
}

function octetByOctet(whole: Buffer): Buffer[] {
  return Array.from(whole, (_, at) => whole.subarray(at, at + 1));
}

const choices = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 7 });

test('RFC 9051 §6: any command reads as it was meant, with strings quoted, bare, or as literals of either kind', () => {
  fc.assert(
    fc.property(command, choices, fc.boolean(), (value, chosen, utf8) => {
      const written = Buffer.from(`a1 ${new Writer(chosen, utf8).command(value)}\r\n`, 'latin1');
      const expected = [{ kind: 'command', tag: 'a1', command: value }];
      assert.deepEqual(read([written], utf8), expected);
      assert.deepEqual(read(octetByOctet(written), utf8), expected);
    }),
    { numRuns: 1500 },
  );
});

const head: fc.Arbitrary<AppendHead> = record({ flags, receivedAt: fc.option(moment) });
const mail = record({
  head,
  content: fc.uint8Array({ minLength: 1, maxLength: 60 }).map((octets) => Buffer.from(octets)),
  literal: fc.constantFrom('{n}', '{n+}', '~{n}', '~{n+}', 'UTF8 (~{n})', 'UTF8 (~{n+})'),
});

test('RFC 3502 §6.3.11: the messages of APPEND come out octet for octet, each behind its flags and date', () => {
  fc.assert(
    fc.property(mailbox, fc.array(mail, { minLength: 1, maxLength: 3 }), choices, (name, mails, chosen) => {
      const pieces = [Buffer.from(`t APPEND ${new Writer(chosen, false).name(name)}`, 'latin1')];
      for (const { head: of, content, literal } of mails) {
        const date = of.receivedAt === null ? '' : `${formatDateTime(of.receivedAt)} `;
        const [before = '', after = ''] = literal.replace('n', String(content.length)).split(/(?<=\})/);
        pieces.push(Buffer.from(` (${of.flags.join(' ')}) ${date}${before}\r\n`), content, Buffer.from(after));
      }
      const written = Buffer.concat([...pieces, Buffer.from('\r\nu NOOP\r\n')]);
      for (const fed of [[written], octetByOctet(written)]) {
        const steps = read(fed, false);
        const heads = steps.flatMap((step) => (step.kind === 'append' ? [step.head] : []));
        const content = steps.flatMap((step) => (step.kind === 'chunk' ? [step.bytes] : []));
        assert.deepEqual(
          heads,
          mails.map((one) => one.head),
        );
        assert.deepEqual(Buffer.concat(content), Buffer.concat(mails.map((one) => one.content)));
        assert.deepEqual(steps.slice(-2), [
          { kind: 'command', tag: 't', command: { name: 'APPEND', mailbox: name, mails: heads } },
          { kind: 'command', tag: 'u', command: { name: 'NOOP' } },
        ]);
      }
    }),
    { numRuns: 300 },
  );
});

test('RFC 9051 §9: a set of ours reads as the same messages', () => {
  fc.assert(
    fc.property(fc.uniqueArray(number, { minLength: 1, maxLength: 30 }), (uids) => {
      const written = formatUids(uids);
      const [step] = read([Buffer.from(`a UID EXPUNGE ${written}\r\n`)], false);
      assert(step?.kind === 'command' && step.command.name === 'EXPUNGE' && Array.isArray(step.command.uids));
      const ranges: readonly SetRange[] = step.command.uids;
      const named = ranges.flatMap(([from, to]) =>
        Array.from({ length: (to ?? 0) - (from ?? 0) + 1 }, (_, at) => (from ?? 0) + at),
      );
      assert.deepEqual(named, uids);
    }),
  );
});
