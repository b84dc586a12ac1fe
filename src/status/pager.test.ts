import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComponentState } from '#/model/index.ts';
import { FakeClock, FakeLog } from '#/testkit/index.ts';
import { type Alarm, type Page, Pager } from './pager.ts';

const MINUTE = 60_000;

function desk(fails = { first: false, second: false }) {
  const clock = new FakeClock();
  const told: string[] = [];
  const way = (name: 'first' | 'second') => async (page: Page) => {
    told.push(`${name} ${page.kind}`);
    if (fails[name]) throw new Error('no line');
  };
  const pager = new Pager({
    ...{ clock, log: new FakeLog(), escalateMs: 10 * MINUTE },
    ...{ first: way('first'), second: way('second') },
  });
  /** So many minutes with these components out, looked at each minute. */
  const pass = async (minutes: number, states: Readonly<Record<string, ComponentState>> = {}) => {
    const alarms = Object.entries(states).map(
      ([component, state]): Alarm => ({ component, state, since: 0, reasons: [] }),
    );
    for (let i = 0; i < minutes; i++) {
      pager.note(alarms);
      await clock.advance(MINUTE);
    }
  };
  const heard = () => told.splice(0);
  return { pager, pass, heard, fails };
}

const PARTLY = { 'main.delivery': 'partial_outage' } as const;
const WHOLLY = { 'main.delivery': 'major_outage' } as const;

test('H9: an operator is told once, and the second one when nobody answers', async () => {
  const { pass, heard } = desk();
  await pass(9, PARTLY);
  assert.deepEqual(heard(), ['first begins']);
  await pass(30, PARTLY);
  assert.deepEqual(heard(), ['second unanswered']);
  await pass(1);
  assert.deepEqual(heard(), ['first over', 'second over']);
  await pass(30);
  assert.deepEqual(heard(), []);
});

test('H9: who acknowledges is left in peace, until it gets worse', async () => {
  const { pager, pass, heard } = desk();
  assert.equal(pager.acknowledge('ann'), false, 'there is nothing yet');
  await pass(2, PARTLY);
  assert.equal(pager.acknowledge('ann'), true);
  await pass(60, PARTLY);
  assert.deepEqual(heard(), ['first begins']);
  assert.equal(pager.view?.acknowledged?.by, 'ann');
  await pass(1, WHOLLY);
  assert.deepEqual(heard(), ['first worse']);
  await pass(60, PARTLY);
  assert.deepEqual(heard(), ['second unanswered']);
});

test('H9: where the way to the first contact fails it is tried again, and the second is told at once', async () => {
  const { pager, pass, heard, fails } = desk({ first: true, second: false });
  await pass(3, PARTLY);
  assert.deepEqual(heard(), ['first begins', 'second unanswered', 'first begins', 'first begins']);
  fails.first = false;
  await pass(5, PARTLY);
  assert.deepEqual(heard(), ['first begins']);
  await pass(1);
  assert.deepEqual(heard(), ['first over', 'second over']);
  await pager[Symbol.asyncDispose]();
});
