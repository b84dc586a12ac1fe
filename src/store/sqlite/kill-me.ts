/** A process for the tests of durability: accepts and delivers, tells each answer on its output, and is killed at its work. */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  claimOfAccepted,
  DELIVERED,
  mail,
  StandingClock,
  settlementOf,
  soon,
  textBody,
  worker,
} from '../contract/samples.ts';
import { openSqliteCustody } from './index.ts';

const dir = process.argv[2] ?? '';
const clock = new StandingClock();
const custody = await openSqliteCustody({ dir, secretsKeyFile: join(dir, 'secrets.key') }, { clock, blobs: null });
const me = worker('killed');
await custody.enlist(me, soon());

async function work(): Promise<void> {
  for (;;) {
    const sent = mail(clock);
    const full = { ...sent, body: textBody(`${'x'.repeat(3000)}${sent.id}`), size: 3000 + sent.id.length };
    await custody.accept([full], me.id, soon());
    writeSync(1, `${sent.id} accepted\n`);
    await custody.settle(settlementOf(claimOfAccepted(full), DELIVERED), me.id, soon());
    writeSync(1, `${sent.id} settled\n`);
    // Every other one stays claimed.
    await custody.accept([mail(clock)], me.id, soon());
  }
}

await Promise.all([work(), work(), work(), work(), work()]);
