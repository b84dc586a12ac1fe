/** Contacts are told: from an update to custody, over a book, a directory and a custody in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerValue, readHeaders } from '#/codec/mime/index.ts';
import { type ArrivedMail, type MailAddress, type Tenant, type TenantId, within } from '#/model/index.ts';
import { IncidentLetters } from '#/notice/index.ts';
import type { IncidentBook, Operation, SubscriberWish } from '#/ports/index.ts';
import { openMemoryIncidents } from '#/store/memory/index.ts';
import { FakeClock, FakeDirectorySource, FakeLog, FakeRouting, tenantOf } from '#/testkit/index.ts';
import {
  contactOperations,
  HookCaller,
  IncidentDesk,
  IncidentUpkeep,
  incidentOperations,
  SubscriberTokens,
  Teller,
} from './index.ts';

const soon = () => within(30_000);

function tenantWith(id: string, contacts: readonly string[], more: Partial<Tenant> = {}): Tenant {
  const tenant = tenantOf({ id, domains: [`${id}.test`], users: [[`it@${id}.test`]] });
  return { ...tenant, contacts: contacts as readonly MailAddress[], ...more };
}

class Bench {
  readonly clock = new FakeClock(Date.UTC(2026, 10, 30, 12));
  readonly log = new FakeLog();
  readonly book: IncidentBook;
  readonly desk: IncidentDesk;
  readonly accepted = new Map<string, ArrivedMail>();
  /** What became of mails, by their ids. */
  readonly ends = new Map<string, string>();
  fails = false;
  /** Dies when custody has the mail, before that is noted. */
  dies = false;
  /** What the way past the queue took, and whether it takes anything; null where there is no such way. */
  readonly past: { readonly to: string; readonly mail: ArrivedMail }[] = [];
  wayTakes: boolean | null = null;
  /** The journal of mail can't be asked. */
  isJournalAway = false;
  /** What webhooks were told. */
  readonly called: { readonly url: string; readonly body: string }[] = [];
  hookWorks = true;
  /** What calls a webhook. */
  hook = async (url: URL, body: string): Promise<boolean> => {
    this.called.push({ url: url.href, body });
    return this.hookWorks;
  };
  readonly tokens = new SubscriberTokens(() => Buffer.alloc(32, 1));
  readonly #directory = new FakeDirectorySource([
    tenantWith('acme', ['it@acme.test', 'boss@acme.test'], { language: 'ja', timezone: 'Asia/Tokyo' }),
    tenantWith('bolt', ['it@bolt.test']),
    tenantWith('cargo', []),
  ]);

  constructor() {
    this.book = openMemoryIncidents();
    const done = this.book.done.bind(this.book);
    this.book.done = async (...given) => {
      if (this.dies) throw new Error('killed');
      await done(...given);
    };
    this.desk = new IncidentDesk(this, { publishDrafts: false });
  }

  /** One step of a process of its own, and all webhooks that it calls. */
  async tell(): Promise<void> {
    const { hooks, teller } = this.teller();
    await teller.step(soon());
    await hooks.idle();
  }

  teller(): { readonly teller: Teller; readonly hooks: HookCaller } {
    const mails = new IncidentLetters(
      { hostname: 'mx.example.test', statusUrl: 'https://mail.example.test/status', timezone: 'UTC' },
      {
        directory: this.#directory,
        routing: new FakeRouting(['acme.test', 'bolt.test']),
        reach: (address) => (address.startsWith('nobody@') ? [] : [{ address, direction: 'internal' }]),
      },
    );
    const custody = {
      accept: async ([mail]: readonly ArrivedMail[]) => {
        if (this.fails) throw new Error('The store is away.');
        if (mail !== undefined) this.accepted.set(mail.id, this.accepted.get(mail.id) ?? mail);
      },
    };
    const own = { desk: this.desk, book: this.book, clock: this.clock, log: this.log, tokens: this.tokens };
    const pages = 'https://mail.example.test';
    const hooks = new HookCaller({ ...own, pages, call: (url, body) => this.hook(url, body) });
    const told = {
      ...own,
      pages,
      operators: ['root@bolt.test' as MailAddress],
      mails,
      custody,
      directory: this.#directory,
      journal: this.journal,
      ring: () => {},
      direct:
        this.wayTakes === null
          ? null
          : async (mail: ArrivedMail, to: MailAddress) => {
              if (this.wayTakes === false) throw new Error('The smarthost is away.');
              this.past.push({ to, mail });
            },
    };
    return { hooks, teller: new Teller(told, hooks) };
  }

  async subscribed(address: string, more: Partial<SubscriberWish> = {}): Promise<string> {
    const id = crypto.randomUUID();
    const limits = { againMs: 0, perWindow: 1_000, windowMs: 1, total: 1_000 };
    const wish = {
      id,
      address: address as MailAddress,
      webhook: null,
      language: 'en',
      components: [],
      at: this.clock.now(),
    } as const;
    await this.book.subscribe({ ...wish, ...more }, limits, soon());
    await this.book.confirm(id, this.clock.now(), soon());
    return id;
  }

  readonly journal = {
    trace: async ({ ids = [] }: { readonly ids?: readonly string[] }) => {
      if (this.isJournalAway) throw new Error('The store is away.');
      return ids
        .filter((id) => this.accepted.has(id))
        .map((id) => ({
          id,
          recipients: [{ state: this.ends.get(id) ?? 'delivered', lastReply: '550 5.1.1 no', reason: '' }],
        }));
    },
  } as never;

  async do<Answer>(name: string, input: object): Promise<Answer> {
    const all = [
      ...incidentOperations(this),
      ...contactOperations({ book: this.book, clock: this.clock, directory: this.#directory, journal: this.journal }),
    ];
    const found: Operation | undefined = all.find((one) => one.name === name);
    assert.ok(found, name);
    return found.output.parse(await found.handle(found.input.parse(input), { by: 'root', call: soon() })) as Answer;
  }

  get people(): readonly string[] {
    return [...this.accepted.values()].flatMap(({ recipients }) => recipients.map(({ address }) => address)).sort();
  }
}

const OPEN = { title: { en: 'Mail is late', ja: 'メール配送の遅延' }, text: 'We look into it.', template: 'delay' };
const EVERYBODY = ['boss@acme.test', 'it@acme.test', 'it@bolt.test'];

test('H8: every contact is told once of each update, in the language and zone of their tenant', async () => {
  const bench = new Bench();
  const { id } = await bench.do<{ id: string }>('incident.open', { ...OPEN, nextUpdate: '30m' });
  await Promise.all([bench.tell(), bench.tell()]);
  await bench.tell();
  assert.deepEqual(bench.people, EVERYBODY);
  const [japanese] = [...bench.accepted.values()].filter(({ tenant }) => tenant === 'acme');
  assert.ok(japanese?.body.kind === 'memory');
  const { purpose, sender, recipients } = japanese;
  assert.deepEqual(
    [purpose, sender, recipients[0]?.notify],
    ['notice', null, { success: false, failure: false, delay: false }],
  );
  const head = readHeaders(japanese.body.chunks);
  assert.equal(headerValue(head, 'references'), `<incident-${id}@mx.example.test>`);
  assert.equal(headerValue(head, 'auto-submitted'), 'auto-generated', 'RFC 3834 §5');
  const text = textOf(japanese);
  for (const said of [
    'We look into it.',
    '状況: 調査中',
    '次回のご案内: 11月30日(月) 21:30 (Asia/Tokyo)',
    'https://mail.example.test/status',
  ])
    assert.ok(text.includes(said), `${said}\n${text}`);
  await bench.do('incident.resolve', { id, tail: 'Some mail is late.' });
  await bench.tell();
  assert.equal(bench.accepted.size, 6);
});

test('H8: who died between handing a letter over and noting it has told them once, and a store that is away delays it', async () => {
  const bench = new Bench();
  await bench.do('incident.open', OPEN);
  bench.fails = true;
  await bench.tell();
  assert.equal(bench.accepted.size, 0);
  bench.fails = false;
  bench.dies = true;
  bench.clock.jump(120_001);
  await bench.tell();
  assert.equal(bench.accepted.size, 3);
  bench.dies = false;
  bench.clock.jump(120_001);
  const before = [...bench.accepted.keys()];
  await bench.tell();
  assert.deepEqual([...bench.accepted.keys()], before, 'under the same ids');
  assert.deepEqual(new Set((await bench.book.letters(0, 10, soon())).map(({ state }) => state)), new Set(['sent']));
});

test('H8: nobody is told of a draft; published with other words it is told in those alone', async () => {
  const bench = new Bench();
  const change = { component: 'delivery', from: 'operational', to: 'major_outage', since: bench.clock.now() } as const;
  await bench.desk.changed({ ...change, layer: 'x', measured: {}, reason: { en: 'Rule words.', ja: '' } }, soon());
  await bench.tell();
  assert.equal(bench.accepted.size, 0);
  await bench.do('incident.publish', { id: '20261130-01', text: 'A person’s words.' });
  await bench.tell();
  assert.deepEqual(bench.people, EVERYBODY);
  for (const mail of bench.accepted.values()) assert.match(textOf(mail), /A person’s words\./);
});

test('H8: what concerns some tenants is told to those alone, and HTML in it stays text', async () => {
  const bench = new Bench();
  const text = '<img src=x onerror=alert(1)>\nBcc: victim@elsewhere.test';
  await bench.do('incident.open', { title: 'x\r\nBcc: victim@elsewhere.test', text, tenants: ['bolt'] });
  await bench.tell();
  assert.deepEqual(bench.people, ['it@bolt.test']);
  const [mail] = bench.accepted.values();
  assert.ok(mail?.body.kind === 'memory');
  const [head = ''] = Buffer.concat(mail.body.chunks).toString().split('\r\n\r\n');
  assert.doesNotMatch(head, /^Bcc:/im);
  const [, html = ''] = textOf(mail).split('<!doctype html>');
  assert.match(html, /&lt;img src=x/);
  assert.doesNotMatch(html, /<img/);
});

test('H8: tenants that nobody would be told of, and contacts whose mail did not arrive, are listed', async () => {
  const bench = new Bench();
  type Checked = {
    tenants: number;
    missing: { tenant: TenantId }[];
    failing: { address: string; state: string; reply: string }[];
  };
  const before = await bench.do<Checked>('contacts.check', {});
  assert.deepEqual([before.tenants, before.missing.map(({ tenant }) => tenant), before.failing], [3, ['cargo'], []]);
  await bench.do('incident.open', OPEN);
  await bench.tell();
  for (const { id, tenant } of bench.accepted.values()) if (tenant === 'bolt') bench.ends.set(id, 'bounced');
  const { failing } = await bench.do<Checked>('contacts.check', {});
  assert.deepEqual(
    failing.map(({ address, state, reply }) => [address, state, reply]),
    [['it@bolt.test', 'bounced', '550 5.1.1 no']],
  );
});

test('H8: by the way past the queue contacts are told while custody and journal are away, subscribers by the queue', async () => {
  const bench = new Bench();
  await bench.subscribed('taro@else.test');
  bench.wayTakes = true;
  bench.fails = true;
  bench.isJournalAway = true;
  await bench.do('incident.open', OPEN);
  await bench.tell();
  await bench.tell();
  assert.deepEqual(bench.past.map(({ to }) => to).sort(), EVERYBODY);
  assert.deepEqual(bench.people, []);
  bench.fails = false;
  bench.isJournalAway = false;
  bench.clock.jump(120_001);
  await bench.tell();
  assert.deepEqual([bench.past.length, bench.people], [3, ['taro@else.test']]);
});

test('H8: what the way past the queue does not take goes by the queue, once, under the Message-ID that it would have had', async () => {
  const bench = new Bench();
  bench.wayTakes = false;
  await bench.do('incident.open', OPEN);
  await bench.tell();
  bench.wayTakes = true;
  bench.clock.jump(120_001);
  await bench.tell();
  assert.deepEqual([bench.past, bench.people], [[], EVERYBODY]);
  assert.equal(bench.log.lines.filter(({ event }) => event === 'incident.way-failed').length, 3);
  for (const { id, body } of bench.accepted.values()) {
    assert.ok(body.kind === 'memory');
    assert.equal(headerValue(readHeaders(body.chunks), 'message-id'), `<${id}@mx.example.test>`);
  }
});

test('B8: subscribers are told once of what they chose, with one click to end it (RFC 8058); who has ended it is not', async () => {
  const bench = new Bench();
  const taro = await bench.subscribed('taro@else.test', { components: ['delivery'], language: 'ja' });
  await bench.subscribed('webmail@else.test', { components: ['webmail'] });
  const { id } = await bench.do<{ id: string }>('incident.open', {
    ...OPEN,
    components: { 'main.delivery': 'major_outage' },
  });
  await bench.tell();
  await bench.tell();
  assert.deepEqual(bench.people, [...EVERYBODY, 'taro@else.test']);
  const mail = [...bench.accepted.values()].find(({ tenant }) => tenant === 'holdfast');
  assert.ok(mail?.body.kind === 'memory');
  const head = readHeaders(mail.body.chunks);
  const link = `https://mail.example.test/status/s/${bench.tokens.make(taro, 'unsubscribe')}`;
  assert.equal(headerValue(head, 'list-unsubscribe'), `<${link}>`);
  assert.equal(headerValue(head, 'list-unsubscribe-post'), 'List-Unsubscribe=One-Click');
  assert.ok(textOf(mail).includes(`受け取りを停止する:\r\n  ${link}`));
  await bench.book.unsubscribe(taro, bench.clock.now(), soon());
  await bench.do('incident.resolve', { id });
  await bench.tell();
  assert.equal(bench.people.filter((one) => one === 'taro@else.test').length, 1);
});

test('B8: what concerns some tenants alone is told to no subscriber', async () => {
  const bench = new Bench();
  await bench.subscribed('taro@else.test');
  await bench.do('incident.open', { ...OPEN, tenants: ['bolt'] });
  await bench.tell();
  assert.deepEqual(bench.people, ['it@bolt.test']);
});

test('B8: a webhook is told until it takes it, always under one name; one that fails for long is ended', async () => {
  const bench = new Bench();
  const id = await bench.subscribed('taro@else.test', { webhook: 'https://hook.test/x' });
  await bench.do('incident.open', OPEN);
  bench.hookWorks = false;
  await bench.tell();
  bench.clock.jump(120_001);
  bench.hookWorks = true;
  await bench.tell();
  bench.clock.jump(120_001);
  await bench.tell();
  const bodies = bench.called.map(
    ({ body }) => JSON.parse(body) as { meta: { id: string }; incident: { name_ja: string } },
  );
  assert.equal(bodies.length, 2);
  assert.equal(bodies[0]?.meta.id, bodies[1]?.meta.id);
  assert.equal(bodies[0]?.incident.name_ja, 'メール配送の遅延');
  bench.hookWorks = false;
  for (let i = 0; i < 8; i++) {
    bench.clock.jump(1);
    await bench.do('incident.update', { id: '20261130-01', text: `more ${i}` });
  }
  for (let i = 0; i < 9; i++) {
    await bench.tell();
    bench.clock.jump(40 * 60_000);
  }
  assert.equal((await bench.book.subscriber(id, soon()))?.state, 'ended');
});

test('C3: an operator is reminded before a promise is due, once for it, and not of one that was kept', async () => {
  const bench = new Bench();
  const { id } = await bench.do<{ id: string }>('incident.open', { ...OPEN, nextUpdate: '30m' });
  const round = async (minutes: number): Promise<number> => {
    bench.clock.jump(minutes * 60_000);
    const { teller } = bench.teller();
    await new IncidentUpkeep({ desk: bench.desk, clock: bench.clock, log: bench.log, processes: null, teller }).step();
    return bench.people.filter((one) => one === 'root@bolt.test').length;
  };
  assert.deepEqual([await round(0), await round(24)], [0, 0]);
  assert.deepEqual([await round(2), await round(2)], [1, 1]);
  const mail = [...bench.accepted.values()].find(({ recipients }) => recipients[0]?.address === 'root@bolt.test');
  assert.ok(mail !== undefined);
  for (const said of ['30 Nov 12:30 (UTC)', `holdfast incident promise ${id} --next 30m`])
    assert.ok(textOf(mail).includes(said), `${said}\n${textOf(mail)}`);
  await bench.do('incident.update', { id, text: 'more', nextUpdate: '10m' });
  assert.deepEqual([await round(1), await round(5)], [1, 2]);
  await bench.do('incident.promise', { id, nextUpdate: '6m' });
  const { teller } = bench.teller();
  bench.clock.jump(2 * 60_000);
  const found = await bench.desk.found(id as never, soon());
  assert.ok(found !== null);
  await teller.remind(found.incident, soon());
  await bench.do('incident.promise', { id, nextUpdate: '2h' });
  await teller.step(soon());
  assert.equal(await round(20), 2, 'what was said meanwhile needs no reminder');
});

test('B8: webhooks that hang keep no mail and no other host waiting, and are spared the rest of what waits', async () => {
  const bench = new Bench();
  for (let i = 0; i < 12; i++) await bench.subscribed(`a${i}@evil.test`, { webhook: `https://hangs.test/${i}` });
  await bench.subscribed('b@else.test', { webhook: 'https://well.test/x' });
  const hanging = Promise.withResolvers<boolean>();
  const wellCalled = Promise.withResolvers<void>();
  bench.hook = async (url) => {
    bench.called.push({ url: url.href, body: '' });
    if (url.host === 'hangs.test') return await hanging.promise;
    wellCalled.resolve();
    return true;
  };
  await bench.do('incident.open', OPEN);
  const { teller, hooks } = bench.teller();
  await teller.step(soon());
  await wellCalled.promise;
  assert.deepEqual(bench.people, EVERYBODY, 'mails are out');
  const hosts = (): readonly string[] => bench.called.map(({ url }) => new URL(url).host);
  assert.equal(hosts().filter((host) => host === 'hangs.test').length, 2);
  hanging.reject(new Error('it gave no answer in time'));
  await hooks.idle();
  assert.equal(hosts().filter((host) => host === 'hangs.test').length, 2);
});

test('B8: what waits for webhooks is bounded, and what found no room is told later', async () => {
  const bench = new Bench();
  for (let i = 0; i < 150; i++) await bench.subscribed(`a${i}@else.test`, { webhook: `https://h${i}.test/x` });
  const gate = Promise.withResolvers<void>();
  const { hook } = bench;
  bench.hook = async (url, body) => {
    await gate.promise;
    return await hook(url, body);
  };
  await bench.do('incident.open', OPEN);
  const { teller, hooks } = bench.teller();
  await teller.step(soon());
  gate.resolve();
  await hooks.idle();
  assert.equal(bench.called.length, 110, 'ten are called, a hundred wait');
  bench.clock.jump(120_001);
  await bench.tell();
  assert.equal(new Set(bench.called.map(({ url }) => url)).size, 150);
  assert.equal(bench.called.length, 150, 'each once');
});

/** All parts, decoded. */
function textOf({ body }: ArrivedMail): string {
  assert.ok(body.kind === 'memory');
  const parts = Buffer.concat(body.chunks)
    .toString()
    .split(/\r\nContent-Transfer-Encoding: /);
  return parts.map(decoded).join('\n');
}

function decoded(part: string): string {
  const [head = '', ...rest] = part.split('\r\n\r\n');
  const content = rest.join('\r\n\r\n').split('\r\n--holdfast')[0] ?? '';
  return head.startsWith('base64') ? Buffer.from(content, 'base64').toString() : content;
}
