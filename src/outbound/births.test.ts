import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHeaders } from '#/codec/mime/index.ts';
import type { AccountKey, ArrivedMail, Call, Claim, MailAddress, TenantId } from '#/model/index.ts';
import { LOCAL_DESTINATION } from '#/model/index.ts';
import type { Birth, LocalAnswer, LocalMail } from '#/ports/index.ts';
import { claimOf, type DeliveryBenchOptions, FakeBlobs, plainContent, startBench, textOf } from '#/testkit/index.ts';

import { addressFor } from './admission.ts';

const localDomains = ['acme.test'];
const BY: AccountKey = { tenant: 'acme' as TenantId, address: 'bob@acme.test' as MailAddress };
const STRANGER = { sender: 'x@world.test' as MailAddress, identity: { kind: 'peer', tenant: null, name: '' } } as const;

function forward(...to: readonly string[]): Birth {
  return { kind: 'forward', by: BY, to: to as readonly MailAddress[], kept: true };
}

function stored(births: readonly Birth[], more: Partial<LocalAnswer> = {}): LocalAnswer {
  return { n: 1, kind: 'stored', reply: { code: 250, enhanced: null, text: 'stored', host: null }, births, ...more };
}

/** What is born of one mail to bob@acme.test. */
async function bornOf(claim: Claim, births: readonly Birth[], options: DeliveryBenchOptions = {}) {
  const local = { deliver: async () => [stored(births)] };
  await using bench = startBench({ local, localDomains, ...options });
  bench.work.offer(LOCAL_DESTINATION, [claim]);
  await bench.work.until({ settled: 1 });
  return { born: bench.work.born, outcome: bench.work.outcome() };
}

function toBob(more: Parameters<typeof claimOf>[0] = {}): Claim {
  return claimOf({ to: ['bob@acme.test'], destination: LOCAL_DESTINATION, ...more });
}

function addressesOf({ recipients }: ArrivedMail): readonly string[] {
  return recipients.map(({ address }) => address);
}

test('design 1: a forward is the octets of its parent under one more Received and a Delivered-To, and says whose child it is', async () => {
  const claim = toBob({ mail: { ...STRANGER, hops: 4 }, needs: { envid: 'E1', ret: 'hdrs' } });
  const { born, outcome } = await bornOf(claim, [forward('y@world.test')]);
  assert.equal(outcome?.kind, 'delivered');
  const [mail] = born;
  assert.ok(mail !== undefined && born.length === 1);
  const text = textOf(mail);
  const top =
    /^Received: by mx\.holdfast\.test \(forwarded[^)]*\)\r\n\tid ([0-9A-Z]{16})\r\n\tfor <y@world\.test>; [^\r]+\r\nDelivered-To: bob@acme\.test\r\n/;
  assert.equal(top.exec(text)?.[1], mail.id);
  assert.ok(text.endsWith(plainContent));
  assert.equal(readHeaders([Buffer.from(text)]).complete, true);
  const { parent, tenant, origin, purpose, hops, size, needs } = mail;
  assert.deepEqual(
    { parent, tenant, origin, purpose, hops, size },
    { parent: claim.mail.id, tenant: 'acme', origin: 'generated', purpose: 'mail', hops: 5, size: text.length },
  );
  assert.deepEqual(needs, claim.mail.needs);
  const [recipient] = mail.recipients;
  assert.deepEqual([recipient?.original, recipient?.direction], ['bob@acme.test', 'outbound']);
});

test('RFC 7208 §D.3: a stranger’s mail that leaves the house leaves by a path of ours; within it, and of our own people, the sender stays', async () => {
  const senders = async (mail: Parameters<typeof claimOf>[0], ...to: readonly string[]) =>
    (await bornOf(toBob(mail), [forward(...to)])).born.map((one) => [one.sender, ...addressesOf(one)]);
  const [outside] = await senders({ mail: STRANGER }, 'y@else.test');
  assert.match(outside?.[0] ?? '', /^SRS0=[A-Z2-7]{8}=[A-Z2-7]{2}=world\.test=x@acme\.test$/);
  assert.deepEqual(await senders({ mail: STRANGER }, 'carol@acme.test'), [['x@world.test', 'carol@acme.test']]);
  assert.deepEqual(await senders({}, 'y@else.test'), [['alice@acme.test', 'y@else.test']]);
  const forged = { ...STRANGER, sender: 'alice@acme.test' as MailAddress };
  assert.match((await senders({ mail: forged }, 'y@else.test'))[0]?.[0] ?? '', /^SRS0=/, 'nobody has proven to be her');
  const split = await senders({ mail: STRANGER }, 'carol@acme.test', 'y@else.test', 'z@else.test');
  assert.deepEqual(
    split.map(([, ...to]) => to),
    [['carol@acme.test'], ['y@else.test', 'z@else.test']],
  );
  const long = { ...STRANGER, sender: `${'x'.repeat(230)}@world.test` as MailAddress };
  assert.deepEqual(await senders({ mail: long }, 'y@else.test'), [['bob@acme.test', 'y@else.test']]);
  assert.deepEqual(await senders({ mail: { ...STRANGER, sender: null } }, 'y@else.test'), [[null, 'y@else.test']]);
});

test('design 1: a forward goes to whom its address stands for, once each, and not to its forwarder among others', async () => {
  const reach = (address: string) => {
    if (address !== 'all@acme.test') return [];
    return ['carol@acme.test', 'bob@acme.test', 'y@else.test'].map((each) => ({
      address: each as MailAddress,
      direction: each.endsWith('acme.test') ? ('internal' as const) : ('outbound' as const),
    }));
  };
  const { born } = await bornOf(toBob(), [forward('all@acme.test', 'Y@else.test', 'gone@acme.test')], { reach });
  assert.deepEqual(born.flatMap(addressesOf), ['carol@acme.test', 'Y@else.test', 'gone@acme.test']);
  assert.deepEqual(
    born.flatMap(({ recipients }) => recipients.map(({ n, direction }) => [n, direction])),
    [
      [1, 'internal'],
      [2, 'outbound'],
      [3, 'internal'],
    ],
  );
});

test('RFC 3461 §5.2.7: success is told once; failure of a forward is told in the name that its sender wrote, without the detail', async () => {
  const notify = { success: true, failure: true, delay: false };
  const recipient = { notify, original: 'b.baker+lists@acme.test' as MailAddress };
  const { born } = await bornOf(toBob({ recipient }), [forward('y@else.test')]);
  const kinds = born.map(({ purpose }) => purpose);
  assert.deepEqual(kinds, ['mail', 'dsn']);
  const [forwarded] = born[0]?.recipients ?? [];
  assert.deepEqual([forwarded?.notify.success, forwarded?.original], [false, 'b.baker@acme.test']);
});

test('design 1: a stranger, who may be invented, is not told that a forward was refused where a copy stayed', async () => {
  const notify = { success: false, failure: true, delay: true };
  const failures = async (more: Parameters<typeof claimOf>[0], kept: boolean) => {
    const { born } = await bornOf(toBob({ recipient: { notify }, ...more }), [
      { ...forward('y@else.test'), kept } as Birth,
    ]);
    return born[0]?.recipients[0]?.notify.failure;
  };
  const stranger = { mail: STRANGER };
  assert.deepEqual(
    [await failures(stranger, true), await failures(stranger, false), await failures({}, true)],
    [false, true, true],
  );
});

test('RFC 6531 §3.2: a forward that needs no SMTPUTF8 says its domains in A-labels to whoever has it', () => {
  const peer = { smtpUtf8: true } as Parameters<typeof addressFor>[1];
  const friend = 'friend@münchen.test' as MailAddress;
  assert.equal(addressFor(friend, peer, { smtpUtf8: false }), 'friend@xn--mnchen-3ya.test');
  assert.equal(addressFor(friend, peer, { smtpUtf8: true }), friend);
});

test('RFC 3834 §3.3: an answer goes out from nobody, to one, and wants no report', async () => {
  const content = Buffer.from('From: <bob@acme.test>\r\nSubject: Auto: hello\r\n\r\nAway.\r\n');
  const answer: Birth = { kind: 'answer', by: BY, to: 'x@world.test' as MailAddress, content };
  const { born } = await bornOf(toBob({ mail: STRANGER }), [answer]);
  const [mail] = born;
  assert.ok(mail !== undefined);
  assert.deepEqual([mail.sender, mail.facts.subject, textOf(mail)], [null, 'Auto: hello', content.toString()]);
  const [recipient] = mail.recipients;
  assert.deepEqual(recipient?.notify, { success: false, failure: false, delay: false });
  assert.equal(recipient?.address, 'x@world.test');
});

test('O6: large content is forwarded from blob to blob; where that fails the delivery is asked for again, and nothing is born', async () => {
  const bodies = new FakeBlobs();
  const writer = await bodies.create(BY.tenant, { deadlineAt: Number.POSITIVE_INFINITY });
  await writer.write(Buffer.from(plainContent));
  const ref = await writer.finish();
  const body = { kind: 'blob', ref, size: ref.size } as const;
  const { born } = await bornOf(toBob({ body }), [forward('y@else.test')], { bodies });
  const [mail] = born;
  assert.ok(mail?.body.kind === 'blob' && mail.body.ref.key !== ref.key);
  assert.equal(mail.size, mail.body.ref.size);
  assert.ok(textOf(mail, bodies).startsWith('Received: by') && textOf(mail, bodies).endsWith(plainContent));
  bodies.fault = 'disk.full';
  const failed = await bornOf(toBob({ body }), [forward('y@else.test')], { bodies });
  assert.deepEqual([failed.outcome?.kind, failed.born], ['deferred', []]);
  assert.ok(failed.outcome?.kind === 'deferred' && failed.outcome.reply.code === 250, 'it is in the mailbox');
  assert.equal(bodies.aborted, 1);
});

test('design 1: while the disk is down to its reserve nothing is born, and no attempt is counted', async () => {
  const full = await bornOf(toBob(), [forward('y@else.test')], { hasDisk: () => false });
  assert.deepEqual([full.outcome?.kind, full.born], ['returned', []]);
  assert.ok(full.outcome?.kind === 'returned' && full.outcome.due > Date.now(), 'it does not turn round at once');
});

test('B6: what is born of one claim has a bound; the recipients above it come in later settlements, each once', async () => {
  const to = Array.from({ length: 5 }, (_, i) => `p${i}@acme.test`);
  const local = {
    deliver: async ({ recipients }: LocalMail) =>
      recipients.map(({ n }) => ({ ...stored([forward('y@else.test')]), n })),
  };
  await using bench = startBench({ local, localDomains, limits: { bornBytesMax: plainContent.length + 1 } });
  let claim = toBob({ to });
  for (let i = 1; claim.recipients.length > 0; i++) {
    bench.work.offer(LOCAL_DESTINATION, [claim]);
    await bench.work.until({ settled: i });
    const outcomes = bench.work.settlements[i - 1]?.outcomes ?? [];
    const back = outcomes.flatMap(({ n, outcome }) => (outcome.kind === 'returned' ? [n] : []));
    claim = { ...claim, recipients: claim.recipients.filter(({ n }) => back.includes(n)) };
  }
  assert.deepEqual(
    bench.work.settlements.map(({ born }) => born.map(({ bornOf: n }) => n)),
    [[1], [2], [3], [4], [5]],
  );
});

test('H4: a server that stops while it makes a forward has made no attempt', async () => {
  const begun = Promise.withResolvers<void>();
  const bodies = new FakeBlobs();
  const create = async (_tenant: TenantId, { signal }: Call): Promise<never> => {
    begun.resolve();
    await new Promise((_resolve, reject) => signal?.addEventListener('abort', reject));
    throw new Error('never');
  };
  const body = { kind: 'blob', ref: { key: 'k', size: 9, sha256: '' }, size: 9 } as const;
  const local = { deliver: async () => [stored([forward('y@else.test')])] };
  const bench = startBench({ local, localDomains, bodies: Object.assign(bodies, { create }) });
  bench.work.offer(LOCAL_DESTINATION, [toBob({ body })]);
  await begun.promise;
  await bench[Symbol.asyncDispose]();
  assert.deepEqual([bench.work.kinds(), bench.work.released], [['returned'], 1]);
});

test('design 1: what is born of one recipient names that one, and a rule that discards ends in the books as discarded', async () => {
  const reply = { code: 250, enhanced: null, text: 'Discarded by the rule “noise”', host: null };
  const local = {
    deliver: async (): Promise<readonly LocalAnswer[]> => [
      { n: 1, kind: 'discarded', reply },
      { n: 2, kind: 'passed', reply, births: [forward('y@else.test')] },
      { n: 3, kind: 'later', reply, births: [forward('z@else.test')] },
    ],
  };
  await using bench = startBench({ local, localDomains });
  bench.work.offer(LOCAL_DESTINATION, [toBob({ to: ['a@acme.test', 'bob@acme.test', 'c@acme.test'] })]);
  await bench.work.until({ settled: 1 });
  assert.deepEqual(bench.work.kinds(), ['discarded', 'delivered', 'deferred']);
  assert.deepEqual(
    bench.work.settlements[0]?.born.map(({ bornOf: n }) => n),
    [2],
  );
  assert.deepEqual(bench.work.outcome(0, 0), { kind: 'discarded', reason: reply.text });
});

test('RFC 7208 §D.3: a report of a forward that failed goes to who sent the mail first', async () => {
  const { born } = await bornOf(toBob({ mail: STRANGER }), [forward('y@else.test')]);
  const [forwarded] = born;
  assert.ok(forwarded !== undefined && forwarded.sender !== null);
  const local = {
    deliver: async (): Promise<readonly LocalAnswer[]> => [
      { n: 1, kind: 'refused', reply: { code: 550, enhanced: '5.1.1', text: 'nobody', host: null } },
    ],
  };
  await using bench = startBench({ local, localDomains });
  const failing = claimOf({
    to: ['gone@acme.test'],
    destination: LOCAL_DESTINATION,
    mail: { sender: forwarded.sender },
  });
  bench.work.offer(LOCAL_DESTINATION, [failing]);
  await bench.work.until({ settled: 1 });
  const [dsn] = bench.work.born;
  assert.ok(dsn !== undefined);
  assert.deepEqual([dsn.purpose, addressesOf(dsn)], ['dsn', ['x@world.test']]);
  assert.match(textOf(dsn), /^To: <x@world\.test>\r$/m);
});
