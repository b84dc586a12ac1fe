/** Generations of people by their public doors: operations, and what mail reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MailAddress, type Tenant, type TenantId, within } from '#/model/index.ts';
import { type Operation, type PeopleBook, Refusal } from '#/ports/index.ts';
import { openMemoryPeople } from '#/store/index.ts';
import { directoryOf, FakeClock, FakeLog, tenantOf } from '#/testkit/index.ts';
import { PeopleShelf, peopleOperations } from '../index.ts';

const ACME = 'acme' as TenantId;
const soon = () => within(60_000);

interface Loaded {
  readonly outcome: string;
  readonly generation: {
    readonly id: string;
    readonly refused: readonly string[];
    readonly remarks: readonly string[];
  };
  readonly difference: { readonly added: number; readonly removed: number; readonly changed: number };
  readonly charset: string;
}

interface Standing {
  readonly serves: {
    readonly id: string;
    readonly source: string;
    readonly attributes: Readonly<Record<string, number>>;
  };
  readonly before: string | null;
  readonly trouble: string | null;
  readonly reason: string | null;
  readonly ageSeconds: number;
}

class Bench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly book: PeopleBook;
  tenants: readonly Tenant[];
  readonly directory = { current: () => directoryOf(this.tenants) };
  shelf: PeopleShelf;
  #operations: ReadonlyMap<string, Operation> = new Map();

  constructor(book: PeopleBook = openMemoryPeople()) {
    this.book = book;
    this.tenants = [acme({ 'alice@acme.test': { displayName: 'Alice Archer' }, 'bob@acme.test': {} })];
    this.shelf = this.another();
  }

  /** The shelf of another process, or of this one after a new start. */
  another(): PeopleShelf {
    const parts = { book: this.book, directory: this.directory, clock: this.clock };
    this.shelf = new PeopleShelf(parts);
    const operations = peopleOperations({ ...parts, shelf: this.shelf, log: this.log });
    this.#operations = new Map(operations.map((one) => [one.name, one]));
    return this.shelf;
  }

  async ask<Answer>(name: string, input: object): Promise<Answer> {
    const found = this.#operations.get(name);
    if (found === undefined) throw new TypeError(name);
    const answer = await found.handle(found.input.parse({ tenant: 'acme', ...input }), {
      by: 'cli:root',
      call: soon(),
    });
    return found.output.parse(answer) as Answer;
  }

  load(table: string | Uint8Array, more: object = {}): Promise<Loaded> {
    return this.ask<Loaded>('directory.load', { content: Buffer.from(table).toString('base64'), ...more });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.book[Symbol.asyncDispose]();
  }
}

function acme(people: Readonly<Record<string, Readonly<Record<string, string>>>>): Tenant {
  const sketch = tenantOf({ id: 'acme', domains: ['acme.test'], groups: { 'sales@acme.test': ['alice@acme.test'] } });
  const [blank] = tenantOf({ id: 'acme', domains: [], users: [['x@acme.test']] }).users;
  if (blank === undefined) throw new TypeError('no user');
  const users = Object.entries(people).map(([address, attributes]) => ({
    ...{ ...blank, address: address as MailAddress, attributes },
  }));
  return { ...sketch, users };
}

/** A table with so many people. */
function tableOf(count: number, more: (i: number) => string = (i) => `Person ${i},Title ${i}`): string {
  return ['mail,displayName,title', ...Array.from({ length: count }, (_, i) => `p${i}@acme.test,${more(i)}`)].join(
    '\n',
  );
}

test('C5: the users of the resources are a tenant’s people from the start; their content names the generation', async () => {
  await using bench = new Bench();
  const first = await bench.shelf.current(ACME, soon());
  assert.equal(first.source, 'resources');
  assert.equal(first.size, 2);
  assert.equal(first.person('ALICE@acme.test')?.attributes.displayName, 'Alice Archer');
  assert.deepEqual(first.person('alice@acme.test')?.groups, ['sales@acme.test']);
  assert.equal(first.person('nobody@acme.test'), null);
  assert.ok(first.inGroup('alice@acme.test', 'Sales@acme.test'));
  assert.ok(!first.inGroup('bob@acme.test', 'sales@acme.test'));
  bench.tenants = [acme({ 'alice@acme.test': { displayName: 'Alice Baker' } })];
  const second = await bench.shelf.current(ACME, soon());
  assert.notEqual(second.id, first.id);
  assert.equal(second.person('alice@acme.test')?.attributes.displayName, 'Alice Baker');
  // Another process, after the change: what a retry asks for by its id is what it was.
  const again = await bench.another().byId(ACME, first.id);
  assert.equal(again?.person('alice@acme.test')?.attributes.displayName, 'Alice Archer');
  assert.deepEqual(again?.person('alice@acme.test'), first.person('alice@acme.test'));
  assert.equal(await bench.shelf.byId(ACME, 'r-never'), null);
  bench.tenants = [acme({ 'alice@acme.test': { displayName: 'Alice Archer' }, 'bob@acme.test': {} })];
  assert.equal((await bench.shelf.current(ACME, soon())).id, first.id, 'the same people are the same generation');
});

test('C5: a table becomes a generation that serves whole; mail that began reads the one it began with', async () => {
  await using bench = new Bench();
  const before = await bench.shelf.current(ACME, soon());
  const table = [
    'E-Mail;Display Name;Title;manager;Groups;proxyAddresses;Custom',
    'alice@acme.test;"Archer; ""Al""";Buyer;bob@acme.test;Sales|Tokyo;SMTP:alice@acme.test|smtp:a@acme.test|X500:/o=x;c1',
    'bob@acme.test;Bob;;nobody@acme.test;;;',
  ].join('\r\n');
  const done = await bench.load(table);
  assert.equal(done.outcome, 'serves');
  const { serves } = await bench.ask<{ serves: string }>('directory.list', {});
  assert.equal(serves, done.generation.id);
  assert.equal(before.person('alice@acme.test')?.attributes.displayName, 'Alice Archer');
  const now = await bench.shelf.current(ACME, soon());
  assert.equal(now.source, 'csv');
  assert.deepEqual(now.person('A@acme.test'), {
    address: 'alice@acme.test',
    aliases: ['a@acme.test'],
    attributes: { Custom: 'c1', displayName: 'Archer; "Al"', jobTitle: 'Buyer' },
    manager: 'bob@acme.test',
    groups: ['Sales', 'Tokyo'],
    photo: null,
  });
  assert.equal(now.person('bob@acme.test')?.manager, null, 'who is not there manages nobody');
  assert.ok(now.inGroup('a@acme.test', 'sales'));
});

test('C5: a set that lost too many people or attributes is refused and kept; a person may let it serve, and step back', async () => {
  await using bench = new Bench();
  const good = await bench.load(tableOf(100));
  const half = await bench.load(tableOf(50));
  assert.equal(half.outcome, 'refused');
  assert.deepEqual(half.generation.refused, [
    '50 of 100 people are missing (50 %; the most is 10 %).',
    '100 people had displayName, 50 have it now (50 % less; the most is 20 %).',
    '100 people had jobTitle, 50 have it now (50 % less; the most is 20 %).',
  ]);
  assert.equal((await bench.shelf.current(ACME, soon())).id, good.generation.id);
  const bare = await bench.load(tableOf(100, (i) => (i < 75 ? `Person ${i},` : `Person ${i},Title`)));
  assert.equal(bare.outcome, 'refused', 'everybody is there, and most of the titles are not');
  assert.equal(bare.difference.changed, 100);
  const standing = await bench.ask<Standing>('directory.status', {});
  assert.equal(standing.serves.id, good.generation.id);
  assert.match(standing.trouble ?? '', /^Refused: 100 people had jobTitle, 25 have it now/);
  assert.equal((await bench.load(tableOf(92))).outcome, 'serves', 'eight of a hundred may go');
  assert.equal((await bench.ask<Standing>('directory.status', {})).trouble, null);
  await bench.ask('directory.use', { generation: half.generation.id, reason: 'We have sold a branch.' });
  assert.equal((await bench.shelf.current(ACME, soon())).id, half.generation.id);
  assert.equal((await bench.ask<Standing>('directory.status', {})).reason, 'We have sold a branch.');
  await bench.ask('directory.return', {});
  assert.equal((await bench.shelf.current(ACME, soon())).size, 92);
  await bench.ask('directory.use', { generation: 'resources', reason: 'Back to the file.' });
  assert.equal((await bench.shelf.current(ACME, soon())).source, 'resources');
  assert.equal((await bench.load(tableOf(3), { reason: 'It is all that we have.' })).outcome, 'serves');
  await bench.ask('directory.return', {});
  assert.equal((await bench.shelf.current(ACME, soon())).source, 'resources');
});

test('C5: what everybody must have is asked for; a set with nobody in it never serves by itself', async () => {
  await using bench = new Bench();
  const lacking = await bench.load(
    tableOf(10, (i) => (i < 5 ? ',T' : 'P,T')),
    { required: ['displayName'] },
  );
  assert.deepEqual(lacking.generation.refused, ['5 of 10 people have no displayName, which is required.']);
  assert.deepEqual((await bench.load('mail,title\n')).generation.refused, ['Nobody is in it.']);
});

test('C5: a dry run says what would come of a table, and keeps nothing; the same table again is a confirmation', async () => {
  await using bench = new Bench();
  assert.equal((await bench.load(tableOf(20), { dryRun: true })).outcome, 'would serve');
  assert.equal((await bench.shelf.current(ACME, soon())).source, 'resources');
  assert.deepEqual(
    (await bench.book.list(ACME, 10, soon())).map(({ source }) => source),
    ['resources'],
  );
  const first = await bench.load(tableOf(20));
  assert.equal((await bench.load(tableOf(2), { dryRun: true })).outcome, 'would be refused');
  await bench.clock.advance(3_600_000);
  assert.equal((await bench.ask<Standing>('directory.status', {})).ageSeconds, 3_600);
  const again = await bench.load(tableOf(20));
  assert.equal(again.outcome, 'unchanged');
  assert.equal(again.generation.id, first.generation.id);
  assert.equal((await bench.ask<Standing>('directory.status', {})).ageSeconds, 0);
});

test('C5: a table that breaks off half-way loads nothing, says where, and the last generation serves on', async () => {
  await using bench = new Bench();
  const good = await bench.load(tableOf(20));
  await assert.rejects(bench.load(`${tableOf(15)}\n"p15@acme.test,Person`), (error: Error) => {
    assert.ok(error instanceof Refusal);
    assert.match(error.message, /^Line 17 of the table: a quotation mark is opened and never closed/);
    return true;
  });
  assert.equal((await bench.shelf.current(ACME, soon())).id, good.generation.id);
  assert.match((await bench.ask<Standing>('directory.status', {})).trouble ?? '', /^Line 17/);
  assert.equal((await bench.book.list(ACME, 10, soon())).length, 1);
});

test('C5: rows that can’t be taken are left out and said with their lines; values are one line each', async () => {
  await using bench = new Bench();
  const table = [
    'mail,displayName,phone',
    'no address,Nobody,1',
    '"a@acme.test\r\nBcc: x@evil.test",Eve,1',
    'b@acme.test,"Bob\r\nX-Evil: yes",2',
    'B@acme.test,Bob again,3',
    'c@acme.test,too short',
    `d@acme.test,${'x'.repeat(2_001)},4`,
  ].join('\n');
  const done = await bench.load(table);
  assert.deepEqual(done.generation.remarks, [
    'line 2: “no address” is no mail address; the person is left out.',
    'line 3: “a@acme.test Bcc: x@evil.test” is no mail address; the person is left out.',
    'line 7: B@acme.test was there already; the first one counts.',
    'line 8: 2 fields where the first line has 3; it is left out.',
    'line 9: d@acme.test: displayName has more than 2000 characters; it is left out.',
    '1 values had line breaks or control characters; a blank stands in their place.',
  ]);
  const people = await bench.shelf.current(ACME, soon());
  assert.equal(people.person('b@acme.test')?.attributes.displayName, 'Bob X-Evil: yes');
  assert.equal(people.size, 2);
});

test('C5: tables in the charsets of Japan are read, others are refused with a way out', async () => {
  const table = 'メールアドレス,氏名,部署\r\ntaro@acme.test,山田 太郎,営業部\r\n';
  // 氏名 山田 太郎 and so on as other programs write them.
  const shiftJis = Buffer.from(
    '8381815b838b834183688393 8358'.replaceAll(' ', '').replace('8393', '838c') +
      '2c8e8196bc2c9594 8f90'.replaceAll(' ', ''),
    'hex',
  );
  await using bench = new Bench();
  assert.equal(new TextDecoder('shift_jis').decode(shiftJis), 'メールアドレス,氏名,部署');
  const inShiftJis = Buffer.concat([
    shiftJis,
    Buffer.from('\r\ntaro@acme.test,'),
    Buffer.from('8e5293 6391be98 59'.replaceAll(' ', ''), 'hex'),
    Buffer.from(','),
    Buffer.from('89638bc69594', 'hex'),
  ]);
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(table, 'utf16le')]);
  const iso2022 = Buffer.concat([
    Buffer.from('mail,name\r\ntaro@acme.test,\x1b$B'),
    Buffer.from(';3ED'),
    Buffer.from('\x1b(B'),
  ]);
  for (const [octets, charset, name] of [
    [Buffer.from(table), 'utf-8', '山田 太郎'],
    [Buffer.from(`\ufeff${table}`), 'utf-8', '山田 太郎'],
    [utf16, 'utf-16le', '山田 太郎'],
    [inShiftJis, 'shift_jis', '山田太郎'],
    [iso2022, 'iso-2022-jp', '山田'],
  ] as const) {
    const done = await bench.load(octets, { reason: 'A test.' });
    assert.equal(done.charset, charset);
    const people = await bench.another().current(ACME, soon());
    assert.equal(people.person('taro@acme.test')?.attributes.displayName, name, charset);
  }
  await assert.rejects(bench.load(Buffer.from([0xff, 0x80, 0xa0, 0xfd])), /Save it as UTF-8 and load it again/);
});

test('C5: tables without an address, or with two columns for one thing, are refused before anything is read', async () => {
  await using bench = new Bench();
  await assert.rejects(bench.load('name,title\nx,y'), /No column is the mail address \(there are “name”, “title”\)/);
  await assert.rejects(bench.load('mail,title,役職\nx@acme.test,y,z'), /Two columns are jobTitle/);
  await assert.rejects(bench.load(''), /The table is empty/);
  await assert.rejects(bench.load('mail\nx@acme.test', { columns: { Mail: 'address' } }), /has no column “Mail”/);
  const done = await bench.load('Kontakt,Grüße,x y\nx@acme.test,hallo,z', {
    columns: { Kontakt: 'address', Grüße: 'greeting' },
  });
  assert.deepEqual(done.generation.remarks, ['The column “x y” is left out.']);
});

test('C5: where the book can’t be read the last whole generation serves on, and no half one ever does', async () => {
  const book = openMemoryPeople();
  let isAway = false;
  const halting = new Proxy(book, {
    get: (target, name) => {
      const found = Reflect.get(target, name) as unknown;
      if (typeof found !== 'function') return found;
      return async (...given: unknown[]) => {
        if (isAway) throw new Error('away');
        return (found as (...args: unknown[]) => unknown).apply(target, given);
      };
    },
  });
  await using bench = new Bench(halting);
  const { generation } = await bench.load(tableOf(20));
  assert.equal((await bench.shelf.current(ACME, soon())).id, generation.id);
  isAway = true;
  await bench.clock.advance(60_000);
  assert.equal((await bench.shelf.current(ACME, soon())).id, generation.id);
  await assert.rejects(bench.load(tableOf(25)), /away/);
  isAway = false;
  const other = bench.shelf;
  bench.another();
  const next = await bench.load(tableOf(30));
  await bench.clock.advance(60_000);
  assert.equal((await other.current(ACME, soon())).id, generation.id, 'the one before, while the new one is read');
  await other.byId(ACME, next.generation.id);
  assert.equal((await other.current(ACME, soon())).size, 30);
});

test('C5: the difference of two generations names who came, went and changed, whatever their sizes', async () => {
  await using bench = new Bench();
  await bench.load(tableOf(1_000));
  const rows = (i: number) => (i === 7 ? 'Person 7,Boss' : `Person ${i},Title ${i}`);
  await bench.load(`${tableOf(1_100, rows).replace(/^p3@.*\n/m, '')}`);
  const { difference } = await bench.ask<{ difference: Loaded['difference'] & Record<string, unknown> }>(
    'directory.diff',
    {},
  );
  assert.equal(difference.added, 100);
  assert.deepEqual(difference.removedList, ['p3@acme.test']);
  assert.deepEqual(difference.changedList, [{ address: 'p7@acme.test', what: ['jobTitle'] }]);
});
