/** What every keeper of `ports/ended-sessions.ts` promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TenantId, within } from '#/model/index.ts';
import type { EndedSession, EndedSessions } from '#/ports/index.ts';

/** A keeper under test; `other` is opened beside it over the same data, as another process would, or after it was closed. */
export interface EndedSessionsUnderTest extends AsyncDisposable {
  readonly sessions: EndedSessions;
  other(): Promise<EndedSessions>;
}

const NOON = Date.UTC(2026, 10, 21, 12);
const HOUR_MS = 3_600_000;
const soon = () => within(30_000);

function session(id: string, hours = 12): EndedSession {
  return { tenant: 'acme' as TenantId, id, at: NOON, until: NOON + hours * HOUR_MS };
}

/** The suite, for one keeper. */
export function endedSessionsContract(keeper: string, open: () => Promise<EndedSessionsUnderTest>): void {
  test(`design 6: a session that was ended is ended for whoever asks, and no other one is (${keeper})`, async () => {
    await using given = await open();
    const { sessions } = given;
    assert.equal(await sessions.isEnded(session('one'), soon()), false);
    await sessions.end(session('one'), soon());
    await sessions.end(session('one'), soon());
    const other = await given.other();
    for (const asked of [sessions, other]) {
      assert.equal(await asked.isEnded(session('one'), soon()), true);
      assert.equal(await asked.isEnded(session('two'), soon()), false);
    }
    await other.end(session('two'), soon());
    assert.equal(await sessions.isEnded(session('two'), soon()), true);
  });

  test(`design 6: what has had its time is forgotten with the next end, what has not is kept (${keeper})`, async () => {
    await using given = await open();
    const { sessions } = given;
    await sessions.end(session('short', 1), soon());
    await sessions.end(session('long', 12), soon());
    await sessions.end({ ...session('late', 24), at: NOON + 2 * HOUR_MS }, soon());
    assert.equal(await sessions.isEnded(session('short'), soon()), false);
    assert.equal(await sessions.isEnded(session('long'), soon()), true);
    assert.equal(await sessions.isEnded(session('late'), soon()), true);
  });
}
