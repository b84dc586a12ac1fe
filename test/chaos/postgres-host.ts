/**
 * One host of a cluster, small: it takes mail into custody, hands it to a peer of its own making, and settles. The parent reads from its
 * standard output what it has promised (`accepted ID N`) and what its peer has taken (`served ID N`), each line written before anything
 * else happens, so that a kill takes back no promise. `steady` on its input ends the intake; the rest is then delivered.
 */
import { writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { die } from '#/drills/kit/index.ts';
import type { ArrivedMail, Claim, Incarnation, IncarnationId, MailAddress, MailId, Outcome } from '#/model/index.ts';
import { newMailId, within } from '#/model/index.ts';
import type { Log } from '#/ports/index.ts';
import { Leases } from '#/queue/index.ts';
import { systemClock } from '#/roles/system-clock.ts';
import { claimOfAccepted, mail, PARTNER, recipient, reply } from '#/store/contract/index.ts';
import { openPostgresCustody } from '#/store/postgres/index.ts';

/** Who the host is, in its first argument as JSON. */
export interface HostPlan {
  readonly url: string;
  readonly name: string;
  readonly secretsKeyFile: string;
  readonly seed: number;
  /** Mails that are on their way at once. */
  readonly connections: number;
  /** Longest time that the peer takes for a mail, ms; a kill meets it half done. */
  readonly peerMs: number;
}

const CALL_MS = 5_000;
const AGAIN_MS = 50;
const LOOK_MS = 100;
const CLAIM_MAX = 50;
const TENANTS = ['acme', 'globex'];

const plan = JSON.parse(process.argv[2] ?? '{}') as HostPlan;
const roll = die(plan.seed);
const worker = `${plan.name}/deliver/${process.pid}/${Date.now()}` as IncarnationId;
const incarnation: Incarnation = {
  id: worker,
  host: plan.name,
  role: 'deliver',
  release: '0',
  pid: process.pid,
  startedAt: Date.now(),
};
const quiet = (): void => {};
const log: Log = {
  info: quiet,
  warn: quiet,
  error: (event, facts) => say('trouble', event, facts ?? {}),
  child: () => log,
};
let taking = true;

const custody = await openPostgresCustody(
  { url: plan.url, secretsKeyFile: plan.secretsKeyFile, host: plan.name, release: '0' },
  { clock: systemClock, log, blobs: null },
);
custody.failed.then((fault) => end(`the store failed: ${fault.message}`), quiet);
const leases = await Leases.start({ custody, clock: systemClock, log, incarnation, onFatal: end, onRows: quiet });
process.stdin.on('data', () => {
  taking = false;
});
process.stdin.on('end', () => process.exit(0));
say('ready', hostname());
await Promise.all([...Array.from({ length: plan.connections }, takeMail), deliverWaiting()]);

/** Tells the parent; a pipe takes it at once. */
function say(...words: unknown[]): void {
  writeSync(1, `${words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' ')}\n`);
}

function end(reason: string): void {
  say('trouble', reason);
  process.exit(3);
}

async function takeMail(): Promise<void> {
  while (taking) {
    const arrived = newMail();
    await untilDone(() => custody.accept([arrived], worker, within(CALL_MS)));
    say('accepted', arrived.id, arrived.recipients.length);
    await work(claimOfAccepted(arrived));
  }
}

/** What nobody holds: deferred, freed from the dead, born as reports. */
async function deliverWaiting(): Promise<void> {
  for (;;) {
    const request = {
      kind: 'due',
      destination: PARTNER,
      tenant: null,
      fresh: false,
      ignoreDue: false,
      now: Date.now(),
      limit: CLAIM_MAX,
    } as const;
    const claims = await custody.claim(request, worker, within(CALL_MS)).catch(() => []);
    await Promise.all(claims.map(work));
    if (claims.length === 0) await sleep(LOOK_MS);
  }
}

// Design 1, Claims: no attempt while somebody may think us dead. The beat looks again every two seconds.
async function work(claim: Claim): Promise<void> {
  await sleep(roll() * plan.peerMs);
  while (!leases.fresh()) await sleep(AGAIN_MS);
  const outcomes = claim.recipients.map(({ n, attempts }) => ({ n, outcome: outcomeOf(attempts) }));
  for (const { n, outcome } of outcomes) if (outcome.kind === 'delivered') say('served', claim.mail.id, String(n));
  if (roll() < 0.1) await sleep(roll() * plan.peerMs);
  const refused = outcomes.filter(({ outcome }) => outcome.kind === 'bounced');
  const born = refused.length > 0 && claim.mail.sender !== null ? [reportOf(claim)] : [];
  const settlement = { claim, outcomes, born, elapsedMs: 1, peer: '127.0.0.1:25' };
  await untilDone(() => custody.settle(settlement, worker, within(CALL_MS)));
}

function outcomeOf(attempts: number): Outcome {
  const dice = taking ? roll() : 1;
  if (dice < 0.1 && attempts < 3)
    return { kind: 'deferred', reply: reply(450, 'not now'), due: Date.now() + 100, delayNotified: false };
  if (dice < 0.15) return { kind: 'bounced', reply: reply(550, 'no such user') };
  return { kind: 'delivered', reply: { code: 250, enhanced: '2.0.0', text: 'ok', host: null } };
}

function newMail(): ArrivedMail {
  const tenant = TENANTS[Math.floor(roll() * TENANTS.length)] as ArrivedMail['tenant'];
  const recipients = Array.from({ length: 1 + Math.floor(roll() * 3) }, (_, i) => recipient(i + 1));
  return mail(systemClock, { id: idNow(), tenant, recipients });
}

function reportOf({ mail: { id, tenant, sender } }: Claim): ArrivedMail {
  const to = recipient(1, { address: sender as MailAddress, direction: 'internal' });
  return mail(systemClock, {
    id: idNow(),
    tenant,
    parent: id,
    origin: 'generated',
    purpose: 'dsn',
    sender: null,
    recipients: [to],
  });
}

function idNow(): MailId {
  return newMailId(Date.now());
}

// As ports/custody.ts has it: every method may be called again after a fault, and an unknown commit may be repeated.
async function untilDone(act: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if ((error as { retry?: string }).retry === 'never') end(String(error));
      await sleep(AGAIN_MS);
    }
  }
}
