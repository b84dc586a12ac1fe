/** What every keeper of `ports/policy-memory.ts` promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { AcquaintanceQuestion, Correspondence, NewDocument, PersonHash, PolicyMemory } from '#/ports/index.ts';

/** A keeper under test. `reopen` closes it and opens what it kept, `another` opens it beside; null where nothing outlives the process. */
export interface PolicyMemoryUnderTest extends AsyncDisposable {
  readonly memory: PolicyMemory;
  readonly reopen: (() => Promise<PolicyMemory>) | null;
  readonly another: (() => Promise<PolicyMemory>) | null;
}

/** Empties the tables of one keeper behind a test. */
export const FORGET_POLICY_MEMORY = 'DELETE FROM correspondence; DELETE FROM document; DELETE FROM document_revision';

const soon = () => within(30_000);
const TODAY = 20_000;
const PLENTY = { documents: 100, numbers: 100_000 };
const ACME = 'acme' as TenantId;
const BOLT = 'bolt' as TenantId;
let ids = 0;

function pair(sender: string, recipient: string, more: Partial<Correspondence> = {}): Correspondence {
  return { tenant: ACME, sender: sender as PersonHash, recipient: recipient as PersonHash, day: TODAY, ...more };
}

function question(sender: string, recipients: readonly string[], tenant = ACME): AcquaintanceQuestion {
  return { tenant, sender: sender as PersonHash, recipients: recipients as readonly PersonHash[] };
}

function documentOf(name: string, numbers: readonly number[], more: Partial<NewDocument> = {}): NewDocument {
  ids += 1;
  const at = { addedAt: Date.UTC(2026, 10, 21), by: 'root@acme.test', chars: 4_000, isCut: false };
  return { id: `ID${ids}`, tenant: ACME, name, ...at, numbers: Uint32Array.from(numbers), ...more };
}

/** The suite, for one keeper. */
export function policyMemoryContract(keeper: string, open: () => Promise<PolicyMemoryUnderTest>): void {
  const titled = (title: string, work: (given: PolicyMemoryUnderTest) => Promise<void>): void => {
    test(`${title} (${keeper})`, async () => {
      await using given = await open();
      await work(given);
    });
  };

  /** Whom the sender knows, and whom the tenant. */
  const acquaintances = async ({ correspondents }: PolicyMemory, asked: readonly AcquaintanceQuestion[]) =>
    (await correspondents.known(asked, soon())).map(({ bySender, byTenant }) => [
      [...bySender].sort().join(),
      [...byTenant].sort().join(),
    ]);

  titled(
    'H1: who was written to is known of the sender and of the tenant, of nobody else, also after it was opened again',
    async (given) => {
      const learnt = [
        pair('alice', 'taro'),
        pair('alice', 'hanako'),
        pair('bob', 'jiro'),
        pair('eve', 'ken', { tenant: BOLT }),
      ];
      await given.memory.correspondents.learn(learnt, soon());
      await given.memory.correspondents.learn([pair('alice', 'taro')], soon());
      await given.memory.correspondents.learn([], soon());
      const memory = given.reopen === null ? given.memory : await given.reopen();
      const asked = [
        question('alice', ['taro', 'jiro', 'ken', 'nobody']),
        question('bob', ['taro']),
        question('alice', ['taro'], BOLT),
        question('eve', ['ken'], BOLT),
        question('alice', []),
      ];
      assert.deepEqual(await acquaintances(memory, asked), [
        ['taro', 'jiro,taro'],
        ['', 'taro'],
        ['', ''],
        ['ken', 'ken'],
        ['', ''],
      ]);
      assert.deepEqual(await memory.correspondents.known([], soon()), []);
    },
  );

  titled('H1: a mail to hundreds asks for all of them', async ({ memory }) => {
    const all = Array.from({ length: 200 }, (_, i) => `r${i}`);
    const known = all.filter((_, i) => i % 3 === 0);
    await memory.correspondents.learn(
      known.map((one) => pair('alice', one)),
      soon(),
    );
    const [found] = await memory.correspondents.known([question('alice', all)], soon());
    assert.deepEqual(found?.bySender, new Set(known));
  });

  titled(
    'H1: pairs are forgotten when their last mail is too old, and the oldest of a tenant that has too many',
    async ({ memory }) => {
      const { correspondents } = memory;
      await correspondents.learn([pair('alice', 'old', { day: 10 }), pair('alice', 'again', { day: 10 })], soon());
      await correspondents.learn(
        [pair('alice', 'again', { day: 40 }), pair('eve', 'old', { tenant: BOLT, day: 10 })],
        soon(),
      );
      // What comes late, from another process, makes nothing older.
      await correspondents.learn([pair('alice', 'again', { day: 20 })], soon());
      assert.equal(await correspondents.forget({ before: 30, most: 10 }, 10, soon()), 2);
      await correspondents.learn(
        [50, 60, 70, 80].map((day) => pair('alice', `day${day}`, { day })),
        soon(),
      );
      assert.equal(await correspondents.forget({ before: 30, most: 2 }, 2, soon()), 2, 'in steps');
      assert.equal(await correspondents.forget({ before: 30, most: 2 }, 2, soon()), 1);
      assert.equal(await correspondents.forget({ before: 30, most: 2 }, 2, soon()), 0);
      const asked = [
        question('alice', ['old', 'again', 'day50', 'day60', 'day70', 'day80']),
        question('eve', ['old'], BOLT),
      ];
      assert.deepEqual(await acquaintances(memory, asked), [
        ['day70,day80', 'day70,day80'],
        ['', ''],
      ]);
    },
  );

  titled('H1: a person can be erased, as sender and as recipient, in one tenant', async ({ memory }) => {
    const { correspondents } = memory;
    const pairs = [
      pair('alice', 'taro'),
      pair('taro', 'ken'),
      pair('alice', 'ken'),
      pair('eve', 'taro', { tenant: BOLT }),
    ];
    await correspondents.learn(pairs, soon());
    assert.equal(await correspondents.erase(ACME, 'taro' as PersonHash, soon()), 2);
    assert.equal(await correspondents.erase(ACME, 'taro' as PersonHash, soon()), 0);
    const asked = [question('alice', ['taro', 'ken']), question('taro', ['ken']), question('eve', ['taro'], BOLT)];
    assert.deepEqual(await acquaintances(memory, asked), [
      ['ken', 'ken'],
      ['', 'ken'],
      ['taro', 'taro'],
    ]);
  });

  titled('H1: several processes learn and ask at once', async (given) => {
    if (given.another === null) return;
    await using other = await given.another();
    const all = Array.from({ length: 50 }, (_, i) => pair('alice', `r${i}`));
    const keepers = [given.memory, other];
    await Promise.all(
      keepers.map(({ correspondents }, i) => correspondents.learn(i === 0 ? all : all.toReversed(), soon())),
    );
    for (const { correspondents } of keepers) {
      const [found] = await correspondents.known(
        [
          question(
            'alice',
            all.map(({ recipient }) => recipient),
          ),
        ],
        soon(),
      );
      assert.equal(found?.bySender.size, 50);
    }
    await other.documents.add(documentOf('plan', [1, 2, 3]), PLENTY, soon());
    const { documents } = await given.memory.documents.snapshot(ACME, 0, soon());
    assert.deepEqual(documents, [{ name: 'plan', numbers: Uint32Array.of(1, 2, 3) }]);
  });

  titled(
    'H1: a document comes back number for number, of its tenant alone, also after it was opened again',
    async (given) => {
      const numbers = [0, 1, 255, 65_536, 2_147_483_648, 4_294_967_295];
      const plan = documentOf('計画書', numbers, { isCut: true });
      assert.equal(await given.memory.documents.add(plan, PLENTY, soon()), 'added');
      assert.equal(await given.memory.documents.add(plan, PLENTY, soon()), 'added', 'asked again');
      assert.equal(await given.memory.documents.add(documentOf('Offer', [7]), PLENTY, soon()), 'added');
      assert.equal(
        await given.memory.documents.add(documentOf('offer', [8], { tenant: BOLT }), PLENTY, soon()),
        'added',
      );
      const { documents } = given.reopen === null ? given.memory : await given.reopen();
      const snapshot = await documents.snapshot(ACME, null, soon());
      assert.deepEqual(snapshot.documents, [
        { name: 'Offer', numbers: Uint32Array.of(7) },
        { name: '計画書', numbers: Uint32Array.from(numbers) },
      ]);
      const { id: _id, ...entry } = plan;
      assert.deepEqual((await documents.list(ACME, soon()))[1], { ...entry, numbers: numbers.length });
      assert.deepEqual(await documents.list('nobody' as TenantId, soon()), []);
      assert.deepEqual(await documents.snapshot('nobody' as TenantId, null, soon()), { revision: 0, documents: [] });
    },
  );

  titled(
    'H1: whoever looks after a change reads all documents, and nothing where there was none',
    async ({ memory }) => {
      const { documents } = memory;
      await documents.add(documentOf('one', [1]), PLENTY, soon());
      const first = await documents.snapshot(ACME, null, soon());
      const look = async (known: number) =>
        (await documents.snapshot(ACME, known, soon())).documents?.map(({ name }) => name);
      assert.equal(await look(first.revision), undefined);
      await documents.add(documentOf('two', [2]), PLENTY, soon());
      assert.deepEqual(await look(first.revision), ['one', 'two']);
      const { revision } = await documents.snapshot(ACME, null, soon());
      assert.ok(await documents.remove(ACME, 'TWO', soon()), 'a name in any case');
      assert.deepEqual(await look(revision), ['one']);
      const last = await documents.snapshot(ACME, null, soon());
      assert.equal(await documents.remove(ACME, 'two', soon()), false);
      assert.equal(await documents.remove(BOLT, 'one', soon()), false);
      await documents.add(documentOf('other', [3], { tenant: BOLT }), PLENTY, soon());
      assert.equal(await look(last.revision), undefined);
    },
  );

  titled('H1: a name is taken once in a tenant, and nobody registers more than their bounds', async ({ memory }) => {
    const { documents } = memory;
    assert.equal(await documents.add(documentOf('Plan Ａ', [1, 2, 3]), PLENTY, soon()), 'added');
    assert.equal(await documents.add(documentOf('plan a', [4]), PLENTY, soon()), 'taken');
    const { revision } = await documents.snapshot(ACME, null, soon());
    assert.equal(await documents.add(documentOf('b', [4]), { documents: 1, numbers: 10 }, soon()), 'full');
    assert.equal(await documents.add(documentOf('b', [4, 5]), { documents: 9, numbers: 4 }, soon()), 'full');
    assert.equal((await documents.snapshot(ACME, revision, soon())).documents, null, 'nothing has changed');
    assert.equal(await documents.add(documentOf('b', [4]), { documents: 2, numbers: 4 }, soon()), 'added');
    assert.equal(
      await documents.add(documentOf('b', [4], { tenant: BOLT }), { documents: 1, numbers: 1 }, soon()),
      'added',
    );
  });
}
