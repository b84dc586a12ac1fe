import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccountKey, Fault } from '#/model/index.ts';
import { FakeClock } from '#/testkit/index.ts';
import { mailboxRoomMethods, remoteMailboxRoom } from './mailbox-room.ts';

const ALICE = { tenant: 'acme', address: 'alice@acme.test' } as AccountKey;
const CONTEXT = { call: { deadlineAt: Number.POSITIVE_INFINITY }, progress: () => {} };

test('O6: what is full is heard within seconds, kept while nothing is new, and forgotten when its owner is away', async () => {
  const clock = new FakeClock();
  let full: { version: string; accounts: [string, string, number][] } = { version: 'a', accounts: [] };
  let away = false;
  const methods = mailboxRoomMethods({ snapshot: (known) => (known === full.version ? null : full) });
  const client = {
    call: async (method: string, args: unknown) => {
      if (away) throw new Fault('server.unreachable');
      return methods.get(method)?.(args, CONTEXT);
    },
  };
  await using room = remoteMailboxRoom(client, clock);
  await clock.advance(2_000);
  assert.equal(room.left(ALICE), null);
  full = { version: 'b', accounts: [['acme', 'Alice@acme.test', 7]] };
  await clock.advance(20_000);
  assert.equal(room.left(ALICE), 7);
  assert.equal(room.left({ ...ALICE, tenant: 'beta' as AccountKey['tenant'] }), null);
  away = true;
  await clock.advance(5_000);
  assert.equal(room.left(ALICE), 7, 'a short absence changes nothing');
  await clock.advance(10_000);
  assert.equal(room.left(ALICE), null, 'old knowledge is none');
  away = false;
  await clock.advance(2_000);
  assert.equal(room.left(ALICE), 7);
});
