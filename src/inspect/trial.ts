/** One mail against the rules of a tenant, for people who write rules: what would happen to it, and what each rule says. Nothing is kept or sent. */
import { parseMailAddress } from '#/codec/smtp/index.ts';
import type { Call, Identity, MailAddress, MailFacts, RecipientFacts, Tenant, Unread, Verdict } from '#/model/index.ts';
import { addressKey, domainOf } from '#/model/index.ts';
import {
  compileRules,
  decide,
  explain,
  type PolicyDirectory,
  policyDirectory,
  type RuleOpinion,
  readRules,
} from '#/policy/index.ts';
import { IndexMaker } from './checks/fingerprint/index.ts';
import { Checks } from './checks.ts';
import { Extractor } from './extract/index.ts';

export interface TrialRequest {
  readonly content: Uint8Array;
  readonly tenant: Tenant;
  /** Rules in front of the tenant's own. */
  readonly installation: Tenant['policies'];
  /** Null: the first author. */
  readonly sender: MailAddress | null;
  /** Empty: whom To and Cc name. */
  readonly recipients: readonly MailAddress[];
}

export interface TriedRecipient {
  readonly address: MailAddress;
  readonly direction: RecipientFacts['direction'];
  readonly verdict: Verdict;
  readonly rules: readonly RuleOpinion[];
}

export interface Trial {
  readonly sender: MailAddress | null;
  readonly recipients: readonly TriedRecipient[];
  readonly unread: readonly Unread[];
}

/** As inspection would decide now, but that aliases and groups are not expanded, nobody has a history and no document is registered. */
export async function tryRules(request: TrialRequest, call: Call): Promise<Trial> {
  const { tenant, installation } = request;
  const directory = policyDirectory(tenant);
  const rules = compileRules({ installation: rulesOf(installation), tenant: rulesOf(tenant.policies) });
  const facts = addressed(await factsOf(request, call), request, directory);
  const aids = {
    knownDomains: directory.ownDomains,
    knownRecipients: { bySender: NONE, byTenant: NONE },
    documents: NO_DOCUMENTS,
  };
  const answers = await new Checks(rules.asks).answerInTurns(facts, aids, call);
  const verdicts = decide(facts, answers, rules, directory);
  const opinions = explain(facts, answers, rules, directory);
  const recipients = facts.recipients.flatMap(({ n, address, direction }): TriedRecipient[] => {
    const verdict = verdicts.get(n);
    return verdict === undefined ? [] : [{ address, direction, verdict, rules: opinions.get(n) ?? [] }];
  });
  return { sender: facts.sender, recipients, unread: facts.unread };
}

const NONE: ReadonlySet<string> = new Set();
const NO_DOCUMENTS = new IndexMaker(0).index;

async function factsOf({ content, tenant }: TrialRequest, call: Call): Promise<MailFacts> {
  await using extractor = new Extractor();
  const nobody = { tenant: tenant.id, identity: STRANGER, sender: null, recipients: [] };
  return await extractor.extract(content, nobody, call);
}

const STRANGER: Identity = { kind: 'peer', tenant: null, name: '' };

/** The envelope that the mail would have had. */
function addressed(
  facts: MailFacts,
  { tenant, sender: given, recipients }: TrialRequest,
  directory: PolicyDirectory,
): MailFacts {
  const sender = given ?? parseMailAddress(facts.from[0]?.address ?? '');
  const isOurs = sender !== null && directory.isOwn(domainOf(sender));
  const named = [...facts.to, ...facts.cc]
    .map(({ address }) => parseMailAddress(address))
    .filter((one) => one !== null);
  const reached = new Map((recipients.length > 0 ? recipients : named).map((one) => [addressKey(one), one]));
  return {
    ...facts,
    sender,
    identity: isOurs ? identityOf(sender, tenant) : STRANGER,
    recipients: [...reached.values()].map((address, i) => {
      const stays = directory.isOwn(domainOf(address));
      return { n: i + 1, address, original: null, direction: isOurs ? (stays ? 'internal' : 'outbound') : 'inbound' };
    }),
  };
}

// Whoever has no account sends through a relay; which one, the mail does not say.
function identityOf(sender: MailAddress, { id, users }: Tenant): Identity {
  const key = addressKey(sender);
  const user = users.find(({ address, aliases }) => [address, ...aliases].some((one) => addressKey(one) === key));
  return user === undefined
    ? { kind: 'relay', tenant: id, name: '' }
    : { kind: 'user', tenant: id, name: user.address };
}

function rulesOf(texts: Tenant['policies']) {
  return readRules(texts).map(({ rule }) => rule);
}
