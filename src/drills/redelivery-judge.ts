/** What must be true at the end of the drill of redelivery; pure. */
import type { DrillAssert } from './drill.ts';
import type { Crowd } from './kit/index.ts';
import type { Alarm } from './redelivery-alarm.ts';
import type { CampaignRun } from './redelivery-campaign.ts';
import type { Affected, Audit } from './redelivery-scene.ts';

export interface RedeliveryEvidence {
  readonly crowd: Crowd;
  readonly alarm: Alarm;
  /** What was asked for the window when all that could go had gone; and what the hop had not then, by tenant. */
  readonly affected: Affected;
  readonly unserved: ReadonlyMap<string, number>;
  readonly campaign: Omit<CampaignRun, 'times'>;
  readonly audit: Audit;
  readonly times: Readonly<Record<string, number>>;
}

/** Of the full drill. H9: within a minute. */
const STATUS_MAX_MS = 60_000;
const AFFECTED_MAX_MS = 2_000;

export function judgeRedelivery(evidence: RedeliveryEvidence): DrillAssert[] {
  const asserts = [affectedIsExact, exactlyTheRest, nothingTwice, campaignSaysSo, contactsKnew, booksBalance];
  const alarm = evidence.alarm.status === null && evidence.alarm.published === null ? [] : [alarmInOrder, allTold];
  return [...alarm, ...asserts].map((check) => check(evidence));
}

export function judgeRedeliveryTimes(times: RedeliveryEvidence['times']): DrillAssert[] {
  const within = (what: string, name: string, maxMs: number): DrillAssert => {
    const ms = times[name] ?? Number.POSITIVE_INFINITY;
    return { what: `${what} within ${maxMs / 1_000} s`, passed: ms <= maxMs, found: `${ms} ms` };
  };
  return [
    within('H9: the status changed by itself', 'statusMs', STATUS_MAX_MS),
    within('H9: the page for everybody said so', 'pageMs', STATUS_MAX_MS),
    within('H9: an operator was called', 'calledMs', STATUS_MAX_MS),
    within('H6: who is affected was answered', 'affectedQueryMs', AFFECTED_MAX_MS),
  ];
}

function alarmInOrder({ alarm }: RedeliveryEvidence): DrillAssert {
  const steps = [
    ['the status', alarm.status],
    ['the page', alarm.page],
    ['the call', alarm.called],
    ['the draft', alarm.draft],
  ] as const;
  const missing = steps.filter(([, at]) => at === null).map(([what]) => what);
  return {
    what: 'H9, H11: by themselves the status and the page changed, an operator was called, and an incident was drafted',
    passed: missing.length === 0,
    found: missing.length === 0 ? 'all four' : `never came: ${missing.join(', ')}`,
  };
}

function allTold({ alarm, crowd }: RedeliveryEvidence): DrillAssert {
  const isLater = alarm.notices !== null && alarm.published !== null && alarm.notices >= alarm.published;
  return {
    what: 'H8: when it was published, and not before, the contacts of all companies were mailed',
    passed: isLater && alarm.told === crowd.tenants,
    found: `${alarm.told} of ${crowd.tenants} contacts`,
  };
}

function affectedIsExact({ affected, unserved }: RedeliveryEvidence): DrillAssert {
  const listed = new Map(affected.tenants.map((one) => [one.tenant, one.unserved]));
  const all = new Set([...listed.keys(), ...unserved.keys()]);
  const wrong = [...all].filter((tenant) => (listed.get(tenant) ?? 0) !== (unserved.get(tenant) ?? 0));
  return {
    what: 'H6: one query says of each company how many of its recipients in the window are unserved, as the hop knows it',
    passed: wrong.length === 0 && affected.unserved > 0,
    found:
      wrong.length === 0
        ? `${affected.unserved} of ${affected.recipients} recipients, of ${unserved.size} companies`
        : some(wrong.map((one) => `${one} ${listed.get(one) ?? 0} instead of ${unserved.get(one) ?? 0}`)),
  };
}

/** Each recipient that should have been served and was not, or the other way round. */
function exactlyTheRest({ crowd, campaign, unserved }: RedeliveryEvidence): DrillAssert {
  const { refusing, refusedAddresses } = campaign;
  const wrong: string[] = [];
  const left = new Map<string, number>();
  for (const { address, tenant, times } of recipientsOf(crowd)) {
    if (times === 0 && refusing.has(tenant)) left.set(tenant, (left.get(tenant) ?? 0) + 1);
    else if ((times === 0) !== refusedAddresses.has(address)) wrong.push(`${address} of ${tenant}, ${times} times`);
  }
  for (const tenant of refusing)
    if ((left.get(tenant) ?? 0) !== (unserved.get(tenant) ?? 0)) wrong.push(`${tenant}, which had refused`);
  const kept = [...left.values()].reduce((sum, count) => sum + count, 0) + refusedAddresses.size;
  return {
    what: 'H7: everybody was served but what was refused, and what was refused stayed where it was',
    passed: wrong.length === 0 && kept > 0,
    found: wrong.length === 0 ? `${crowd.tally.served} served, ${kept} refused and kept` : some(wrong),
  };
}

function nothingTwice({ crowd, campaign }: RedeliveryEvidence): DrillAssert {
  const twice = [...recipientsOf(crowd)].filter(({ times }) => times > 1).map(({ address }) => address);
  return {
    what: 'H4, H7: nobody was served twice, though the process that served them late was killed',
    passed: twice.length === 0 && crowd.tally.served > 0,
    found: twice.length === 0 ? `${crowd.tally.served} once each; ${campaign.kills} kills` : some(twice),
  };
}

function campaignSaysSo({ campaign, unserved, affected }: RedeliveryEvidence): DrillAssert {
  const { outcomes, refusing, refusedAddresses, scope, report, state } = campaign;
  const refused = [...refusing].reduce((sum, one) => sum + (unserved.get(one) ?? 0), 0) + refusedAddresses.size;
  const served = affected.unserved - refused;
  const isRight =
    state === 'completed' &&
    scope === affected.unserved &&
    outcomes.served === served &&
    outcomes.refused === refused &&
    served + refused === scope;
  return {
    what: 'H7: the campaign and its report say of each what came of it, as it was',
    passed: isRight && report.includes(`| ${served} |`) && report.includes(`| ${refused} |`),
    found: `${state}: ${JSON.stringify(outcomes)} of ${scope}; ${served} should be served and ${refused} refused`,
  };
}

function contactsKnew({ campaign, crowd, affected }: RedeliveryEvidence): DrillAssert {
  const concerned = affected.tenants.filter(({ unserved }) => unserved > 0).length;
  const { toldBefore, toldAfter } = campaign;
  return {
    what: 'H7, H8: contacts were told before the redelivery and after it',
    passed: toldBefore === concerned && toldAfter === concerned,
    found: `${toldBefore} before and ${toldAfter} after, of ${concerned} companies in it and ${crowd.tenants} in all`,
  };
}

function booksBalance({ audit, crowd }: RedeliveryEvidence): DrillAssert {
  const queued = audit.tenants.reduce((sum, one) => sum + one.queued, 0);
  const kept = crowd.tally.promised - crowd.tally.served;
  return {
    what: 'H5: the books balance, no row is an orphan, and in the queue is what was refused and nothing else',
    passed: audit.balanced && audit.orphans.length === 0 && queued === kept,
    found: `${audit.balanced ? 'balanced' : 'NOT balanced'}; ${audit.orphans.length} orphans; ${queued} queued, ${kept} refused`,
  };
}

function* recipientsOf(crowd: Crowd): Generator<{ address: string; tenant: string; times: number }> {
  for (let mail = 0; mail < crowd.mails; mail++)
    for (let n = 0; n < crowd.recipientsOf(mail); n++)
      if (crowd.tally.wasPromised(mail, n)) {
        const tenant = crowd.idOf(crowd.tenantOf(mail));
        yield { address: crowd.addressOf(mail, n), tenant, times: crowd.tally.timesServed(mail, n) };
      }
}

function some(list: readonly string[]): string {
  return `${list.length} are wrong: ${list.slice(0, 5).join(', ')}${list.length > 5 ? ' …' : ''}`;
}
