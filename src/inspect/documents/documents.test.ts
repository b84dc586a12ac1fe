/** Registered documents: from a file that an administrator hands in to what the check is given. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, type TenantId, within } from '#/model/index.ts';
import { type Documents, Refusal } from '#/ports/index.ts';
import { openMemoryPolicyMemory } from '#/store/index.ts';
import { directoryOf, FakeClock, FakeLog, tenantOf } from '#/testkit/index.ts';
import { fingerprint } from '../checks/fingerprint/index.ts';
import { docx, zipOf } from '../extract/sample-files.ts';
import { PolicyRecall } from '../remembered.ts';
import { TextOfMail } from '../text/index.ts';
import { DocumentReader } from './document-reader.ts';
import { documentOperations } from './operations.ts';

const WAIT_MS = 120_000;
const CONTRACT = [
  '本契約は、甲が乙に対し、別紙に定める業務を委託し、乙がこれを受託することに関する条件を定めるものとする。',
  '乙は、本契約に基づき知り得た甲の営業上又は技術上の秘密を、第三者に開示し、又は漏えいしてはならない。',
  '委託料は月額百二十万円とし、甲は毎月末日までに乙の指定する銀行口座に振り込む方法により支払う。',
];
const ASKS = [{ check: 'fingerprint', similarity: 0.5, key: 'documents' }] as const;
const directory = {
  current: () => directoryOf([tenantOf({ id: 'acme', domains: ['acme.test'] }), tenantOf({ id: 'bolt', domains: [] })]),
};

class Bench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly memory = openMemoryPolicyMemory();
  /** Revisions that looks knew. */
  readonly looks: (number | null)[] = [];
  isAway = false;
  readonly #documents: Documents = {
    add: (...args) => this.memory.documents.add(...args),
    remove: (...args) => this.memory.documents.remove(...args),
    list: (...args) => this.memory.documents.list(...args),
    snapshot: async (tenant, known, call) => {
      this.looks.push(known);
      if (this.isAway) throw new Fault('store.unavailable');
      return this.memory.documents.snapshot(tenant, known, call);
    },
  };
  readonly #operations = new Map(
    documentOperations({ documents: this.#documents, reader: new DocumentReader(), directory, clock: this.clock }).map(
      (one) => [one.name, one],
    ),
  );
  readonly #recall = new PolicyRecall({
    clock: this.clock,
    log: this.log,
    memory: { ...this.memory, documents: this.#documents },
    derivedKey: () => Buffer.alloc(32),
  });

  /** As an administrator of acme asks it. */
  async ask(name: string, input: object): Promise<unknown> {
    const found = this.#operations.get(name);
    assert.ok(found);
    const given = found.input.parse({ tenant: 'acme', ...input });
    return found.output.parse(await found.handle(given, { by: 'root@acme.test', call: within(WAIT_MS) }));
  }

  add(name: string, content: Buffer, file = name): Promise<unknown> {
    return this.ask('document.add', { name, file, content: content.toString('base64') });
  }

  /** Documents of which at least that share stands in a text of a mail that comes now; null where nobody can say. */
  async foundIn(text: string, { tenant = 'acme', similarity = 0.5 } = {}): Promise<readonly string[] | null> {
    const mail = { tenant: tenant as TenantId, sender: '', recipients: [], receivedAt: this.clock.now() };
    const { documents } = await this.#recall.of(ASKS, mail);
    if (documents === null) return null;
    return [...fingerprint([new TextOfMail('1', 'body', text)], documents, similarity)].map(({ key }) => key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.memory[Symbol.asyncDispose]();
  }
}

test('H1: a registered document is known in the next mail, until it is removed, and in no other tenant', async () => {
  await using bench = new Bench();
  const quote = CONTRACT.slice(0, 2).join('\n> ');
  assert.deepEqual(await bench.foundIn(quote), []);
  const added = await bench.add(
    '業務委託契約書',
    docx(CONTRACT.map((line) => `<w:p><w:r><w:t>${line}</w:t></w:r></w:p>`).join('')),
    'a.docx',
  );
  assert.partialDeepStrictEqual(added, { name: '業務委託契約書', by: 'root@acme.test', cut: false, unread: [] });
  await bench.clock.advance(1);
  assert.deepEqual(await bench.foundIn(quote), ['業務委託契約書']);
  assert.deepEqual(await bench.foundIn(CONTRACT[0] ?? '', { similarity: 0.9 }), []);
  assert.deepEqual(await bench.foundIn(quote, { tenant: 'bolt' }), []);
  assert.partialDeepStrictEqual(await bench.ask('document.list', {}), [{ name: '業務委託契約書' }]);
  assert.deepEqual(await bench.ask('document.list', { tenant: 'bolt' }), []);
  assert.deepEqual(await bench.ask('document.remove', { name: '業務委託契約書' }), { name: '業務委託契約書' });
  await bench.clock.advance(1);
  assert.deepEqual(await bench.foundIn(quote), []);
});

test('H1: files in files are registered with it, and what could not be read is told', async () => {
  await using bench = new Bench();
  const locked = { name: 'locked.txt', data: 'x', flags: 1 };
  const packed = zipOf([{ name: 'a.txt', data: CONTRACT.join('\n') }, locked]);
  const added = (await bench.add('packed.zip', packed)) as { unread: string[]; chars: number };
  assert.ok(added.unread.length > 0 && added.chars >= CONTRACT.join('').length);
  await bench.clock.advance(1);
  assert.deepEqual(await bench.foundIn(CONTRACT.join('')), ['packed.zip']);
});

test('H1: what could not be recognised is refused with the reason, and so are a second one of a name and an unknown tenant', async () => {
  await using bench = new Bench();
  const refused = (work: Promise<unknown>, why: RegExp) =>
    assert.rejects(work, (error) => error instanceof Refusal && why.test(error.message));
  await refused(bench.add('greeting.txt', Buffer.from('よろしくお願いいたします。')), /too little text/);
  await refused(bench.add('empty.txt', Buffer.alloc(0)), /too little text/);
  await refused(
    bench.add('locked.zip', zipOf([{ name: 'a.txt', data: Buffer.alloc(64, 7), flags: 1 }])),
    /could not be read/,
  );
  await bench.add('Contract', Buffer.from(CONTRACT.join('\n')), 'a.txt');
  await refused(bench.add('CONTRACT', Buffer.from(CONTRACT.join('\n')), 'a.txt'), /already/);
  await refused(bench.ask('document.remove', { name: 'other' }), /no document/);
  await refused(bench.ask('document.list', { tenant: 'nobody' }), /no tenant nobody/);
  await assert.rejects(bench.add(' \n\u202e ', Buffer.from('x')), /name/);
});

test('H1: mails that come at one moment cost one look, which reads a revision unless it has moved', async () => {
  await using bench = new Bench();
  await bench.memory.documents.add(
    {
      id: 'ID',
      tenant: 'acme' as TenantId,
      name: 'x',
      addedAt: 0,
      by: '',
      chars: 0,
      isCut: false,
      numbers: Uint32Array.of(1),
    },
    { documents: 9, numbers: 9 },
    within(WAIT_MS),
  );
  await Promise.all(Array.from({ length: 20 }, () => bench.foundIn('x')));
  assert.deepEqual(bench.looks, [null]);
  await bench.clock.advance(1_000);
  await Promise.all(Array.from({ length: 20 }, () => bench.foundIn('x')));
  assert.deepEqual(bench.looks, [null, 1]);
});

test('M4: while the store is away nobody says what is registered, and soon nobody waits for it', async () => {
  await using bench = new Bench();
  assert.deepEqual(await bench.foundIn('x'), []);
  bench.isAway = true;
  await bench.clock.advance(1_000);
  for (let i = 0; i < 10; i++) assert.equal(await bench.foundIn('x'), null);
  assert.equal(bench.looks.length, 4, 'three that failed');
  bench.isAway = false;
  await bench.clock.advance(60_000);
  assert.deepEqual(await bench.foundIn('x'), []);
  assert.deepEqual(
    bench.log.lines.map(({ event }) => event),
    ['inspect.memory-away', 'inspect.memory-back'],
  );
});
