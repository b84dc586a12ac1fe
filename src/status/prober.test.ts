import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JournalEvent, type MailId, PROBE_MAILBOX, PROBE_SINK, PROBE_TENANT } from '#/model/index.ts';
import type { Trace } from '#/ports/index.ts';
import { FakeClock } from '#/testkit/index.ts';
import type { ProbeStep } from './observer.ts';
import { Prober, type ProbeWays } from './prober.ts';

type Kind = 'inspected' | 'delivered' | 'bounced';

/** An installation in memory; what a test leaves out of `happens` does not happen. */
class Bench {
  readonly clock = new FakeClock();
  readonly sent: string[][] = [];
  /** By recipient: what becomes of mail to it, and how long after it came in. */
  happens: Record<string, readonly (readonly [Kind, number])[]> = {
    [PROBE_SINK]: [
      ['inspected', 200],
      ['delivered', 500],
    ],
    [PROBE_MAILBOX]: [['delivered', 300]],
  };
  broken: Partial<Record<'submission' | 'imap' | 'pop3' | 'journal', string>> = {};
  readonly #mails = new Map<string, { readonly at: number; readonly to: readonly string[] }>();
  readonly prober = new Prober(this.#ways(), { inspection: true, delivery: true, mailboxes: true });

  /** One round, told as `stage ms` or `stage: what went wrong`. */
  async round(): Promise<string[]> {
    let steps: readonly ProbeStep[] | null = null;
    const running = this.prober.run(new AbortController().signal).then((told) => (steps = told));
    await new Promise((resolve) => setImmediate(resolve));
    while (steps === null) await this.clock.advance(100, 100);
    await running;
    return (steps as readonly ProbeStep[]).map(({ stage, ms, fault }) =>
      fault === null ? `${stage} ${ms}` : `${stage}: ${fault}`,
    );
  }

  /** What is asked for is there from now on, for mail that was sent already too. */
  #trace(id: string): Trace | null {
    const mail = this.#mails.get(id);
    if (mail === undefined) return null;
    const now = this.clock.now();
    const passed = mail.to.map((address) =>
      (this.happens[address] ?? []).filter(([, after]) => mail.at + after <= now),
    );
    const ended = (kinds: readonly (readonly [Kind, number])[]) => kinds.find(([kind]) => kind !== 'inspected')?.[0];
    return {
      ...({ id, parent: null, tenant: PROBE_TENANT, receivedAt: mail.at } as Trace),
      recipients: mail.to.map(
        (address, i) =>
          ({ n: i + 1, address, state: ended(passed[i] ?? []) ?? 'queued', lastReply: '550 no', reason: '' }) as never,
      ),
      events: passed.flatMap((own, i) =>
        own.map(([kind, after]) => ({ at: mail.at + after, recipient: i + 1, kind }) as JournalEvent),
      ),
    };
  }

  #fails(what: keyof Bench['broken']): void {
    const why = this.broken[what];
    if (why !== undefined) throw new Error(why);
  }

  #ways(): ProbeWays {
    return {
      clock: this.clock,
      submit: async (recipients) => {
        this.#fails('submission');
        const id = `M${this.sent.push([...recipients])}`;
        this.#mails.set(id, { at: this.clock.now(), to: recipients });
        return id as MailId;
      },
      imap: async () => this.#fails('imap'),
      pop3: async () => this.#fails('pop3'),
      journal: {
        trace: async ({ ids = [] }) => {
          this.#fails('journal');
          return ids.flatMap((id) => this.#trace(id) ?? []);
        },
      },
    };
  }
}

test('H9: one test mail goes every way, and each step is timed by itself', async () => {
  const bench = new Bench();
  assert.deepEqual((await bench.round()).toSorted(), [
    'delivery 300',
    'imap 0',
    'inspection 200',
    'mailboxes 300',
    'pop3 0',
    'submission 0',
  ]);
  assert.deepEqual(bench.sent, [[PROBE_SINK, PROBE_MAILBOX]]);
});

test('H9: what goes wrong is told of the part where it did, with what was said, and nothing of those behind it', async () => {
  const bench = new Bench();
  bench.broken = { submission: 'The server answered MAIL with "451 4.3.1 no".', imap: 'It hung up.' };
  assert.deepEqual(await bench.round(), [
    'submission: The server answered MAIL with "451 4.3.1 no".',
    'imap: It hung up.',
    'pop3 0',
  ]);
  bench.broken = {};
  bench.happens[PROBE_SINK] = [];
  const uninspected = await bench.round();
  assert.ok(uninspected.includes('inspection: It had not come through after 6 s.'));
  assert.ok(!uninspected.some((line) => line.startsWith('delivery')), 'nobody knows of the delivery');
  bench.happens[PROBE_SINK] = [
    ['inspected', 200],
    ['bounced', 300],
  ];
  assert.ok((await bench.round()).includes('delivery: It was bounced: 550 no'));
});

test('H9: who can not be asked where a mail is says nothing of any part', async () => {
  const bench = new Bench();
  bench.broken = { journal: 'away' };
  assert.deepEqual((await bench.round()).toSorted(), ['imap 0', 'pop3 0', 'submission 0']);
});

test('M3: test mail does not heap up behind a part that is out, the others go on, and it is sent again when that one is back', async () => {
  const bench = new Bench();
  bench.happens[PROBE_MAILBOX] = [];
  for (let i = 0; i < 30; i++) {
    const told = await bench.round();
    assert.ok(told.includes('mailboxes: It had not come through after 6 s.'), told.join());
    assert.ok(told.includes('delivery 300'), told.join());
  }
  const toMailbox = () => bench.sent.filter((to) => to.includes(PROBE_MAILBOX)).length;
  assert.equal(toMailbox(), 20);
  assert.equal(bench.sent.length, 30);
  bench.happens[PROBE_MAILBOX] = [['delivered', 300]];
  assert.ok(!(await bench.round()).some((line) => line.startsWith('mailboxes')), 'its age says nothing of now');
  assert.ok((await bench.round()).includes('mailboxes 300'));
  assert.equal(toMailbox(), 21);
});
