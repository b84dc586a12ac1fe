/** Mail that policy has decided about, without rules and workers: the verdict is settled as they would. */
import {
  type ArrivedMail,
  type Claim,
  type Decision,
  INSPECT_DESTINATION,
  type MailId,
  type PolicyVersion,
  type Verdict,
  within,
} from '#/model/index.ts';
import { HERE, type QueueBench } from './queue-bench.ts';

/** The verdict of one rule, `leak`. */
export function verdictOf(decision: Decision): Verdict {
  const reason = { en: 'Held, because it goes to 3 domains outside.', ja: '宛先に社外の3ドメインが含まれるため保留。' };
  return { ...decision, rule: 'leak', version: 'v1' as PolicyVersion, reason, changes: [], notify: [] };
}

/** A mail of alice that waits by these decisions, one for each recipient. */
export async function judged(
  bench: QueueBench,
  decisions: readonly Decision[],
  more: Partial<ArrivedMail> = {},
): Promise<MailId> {
  const to = decisions.map((_, i) => `customer${i}@partner.test`);
  const mail = { ...bench.mail({ to, destination: INSPECT_DESTINATION }), ...more };
  await bench.store.accept([mail], null, within(30_000));
  const request = { kind: 'named', filter: { ids: [mail.id] }, limit: 100 } as const;
  const [claim] = await bench.store.claim(request, HERE, within(30_000));
  const outcomes = decisions.map((decision, i) => ({ n: i + 1, outcome: outcomeOf(decision, bench.clock.now()) }));
  const settlement = { claim: claim as Claim, outcomes, born: [], elapsedMs: 0, peer: null };
  await bench.store.settle(settlement, HERE, within(30_000));
  await bench.clock.advance(10, 10);
  return mail.id;
}

function outcomeOf(decision: Decision, now: number) {
  const place = { destination: 'mx:partner.test' as never, verdict: verdictOf(decision) };
  if (decision.kind === 'approve') return { kind: 'approval', until: now + 864_000_000, ...place } as const;
  if (decision.kind !== 'hold') throw new TypeError(`'${decision.kind}' leaves nothing that waits.`);
  const { forMs, atEnd } = decision;
  return { kind: 'suspended', until: forMs === null ? null : now + forMs, atEnd, ...place } as const;
}
