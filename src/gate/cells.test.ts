import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TenantId } from '#/model/index.ts';
import { GateFixture, TWO_TENANTS } from '#/testkit/index.ts';

const CELLS = { acme: 'east', beta: 'west' } as const;
const TENANTS = TWO_TENANTS.map((tenant) => ({ ...tenant, cell: CELLS[tenant.id as keyof typeof CELLS] }));

test('design 1: of a stranger’s recipients those of another cell than the first come in a message of their own', async () => {
  await using gate = await GateFixture.start({ tenants: TENANTS });
  using peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  await peer.asks('RCPT TO:<nobody@beta.test>', '550 5.1.1');
  await peer.asks('RCPT TO:<alice@acme.test>', '250');
  await peer.asks('RCPT TO:<carol@beta.test>', '452 4.5.3');
  await peer.asks('RCPT TO:<sales@acme.test>', '250');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250');
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  await peer.asks('RCPT TO:<carol@beta.test>', '250');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250');
  assert.deepEqual(
    gate.intake.accepted.map((mails) => mails.map(({ tenant }) => tenant)),
    [['acme'], ['beta']],
  );
});

test('design 1: mail of somebody known is their tenant’s, whatever cells its recipients are in', async () => {
  await using gate = await GateFixture.start({ tenants: TENANTS });
  using peer = await gate.greet({ localAddress: '127.0.0.2' });
  await peer.asks('MAIL FROM:<it@acme.test>', '250');
  for (const to of ['carol@beta.test', 'alice@acme.test', 'friend@world.test'])
    await peer.asks(`RCPT TO:<${to}>`, '250');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250');
  assert.deepEqual(
    gate.intake.mails.map(({ tenant, recipients }) => [tenant, recipients.length]),
    [['acme', 3]],
  );
});

test('design 4: while a cell is away its tenants’ mail is refused for now, at MAIL or at RCPT; the others notice nothing', async () => {
  await using gate = await GateFixture.start({ tenants: TENANTS });
  gate.intake.away.add('acme' as TenantId);
  using known = await gate.greet({ localAddress: '127.0.0.2' });
  await known.asks('MAIL FROM:<it@acme.test>', '451 4.3.0');
  using peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@world.test>', '250');
  await peer.asks('RCPT TO:<alice@acme.test>', '451 4.3.0');
  await peer.asks('RCPT TO:<carol@beta.test>', '250');
  await peer.asks('DATA', '354');
  gate.intake.away.add('beta' as TenantId);
  await peer.asks('.', '451 4.3.0');
  assert.equal(gate.intake.calls, 0);
});
