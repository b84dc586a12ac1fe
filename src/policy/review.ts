/**
 * What is allowed and still likely a mistake: rules that can never hold, rules that an earlier one leaves nothing, actions that work against
 * themselves. Told as warnings where rules are written.
 */
import { domainOf, type MailAddress } from '#/model/index.ts';
import { directionsOf } from './compile.ts';
import { isCoveredBy } from './implies.ts';
import { REVIEWED_MAX } from './limits.ts';
import type { Condition, Rule, Selector } from './rule.ts';
import type { ReadRule } from './schema/read-rules.ts';

/** A warning about one entry of a list of rules. */
export interface RuleWarning {
  readonly entry: number;
  readonly message: string;
  readonly remedy: string;
}

/** What the review knows of the tenant; null for rules of the installation, which are for all tenants. */
export interface ReviewContext {
  readonly groups: ReadonlySet<string>;
  readonly relays: ReadonlySet<string>;
  readonly domains: ReadonlySet<string>;
}

/** Warnings about the rules of one owner. */
export function reviewRules(rules: readonly ReadRule[], context: ReviewContext | null): RuleWarning[] {
  const told = rules.flatMap(({ rule, entry }) =>
    [...neverHolds(rule, context), ...worksAgainstItself(rule), ...tellsStrangers(rule, context)].map(
      ([message, remedy]) => ({
        entry,
        message: `${rule.name}: ${message}`,
        remedy,
      }),
    ),
  );
  return [...told, ...hidden(rules.slice(0, REVIEWED_MAX))];
}

type Warning = readonly [message: string, remedy: string];

function* hidden(rules: readonly ReadRule[]): Generator<RuleWarning> {
  for (const [i, { rule, entry }] of rules.entries()) {
    const earlier = rules
      .slice(0, i)
      .find((one) => one.entry !== entry && !one.rule.goOn && isCoveredBy(rule, one.rule));
    if (earlier === undefined) continue;
    const message = `${rule.name} is never reached: “${earlier.rule.name}” in front of it takes all its mail.`;
    yield { entry, message, remedy: `put it in front of “${earlier.rule.name}”, or add continue: true to that one` };
  }
}

function* neverHolds(rule: Rule, context: ReviewContext | null): Generator<Warning> {
  const directions = directionsOf(rule.when);
  for (const condition of rule.when) {
    yield* neverInDirection(condition, directions);
    if (context !== null) yield* nobody(condition, context, 'can never hold');
  }
  for (const condition of rule.unless.flat())
    if (context !== null) yield* nobody(condition, context, 'has an exception that never holds');
  const exception = rule.unless.find((list) =>
    list.every((one) =>
      rule.when.some((condition) =>
        isCoveredBy({ ...rule, when: [condition], unless: [] }, { ...rule, when: [one], unless: [] }),
      ),
    ),
  );
  if (exception !== undefined) yield ['can never hold: its exception takes all its mail.', 'narrow unless'];
}

function* neverInDirection(condition: Condition, directions: readonly string[]): Generator<Warning> {
  const outbound = directions.includes('outbound');
  if (condition.kind === 'recipients') {
    const sides = condition.of.flatMap((one) => (one.kind === 'side' ? one.side : []));
    if (
      sides.length === condition.of.length &&
      !sides.some((side) => (side === 'external' ? outbound : directions.some((one) => one !== 'outbound')))
    )
      yield [
        `can never hold: its direction has no ${sides.join(' or ')} recipients.`,
        'change direction or recipients',
      ];
  }
  if (
    condition.kind === 'count' &&
    condition.of.startsWith('external') &&
    !outbound &&
    (condition.range.min ?? 0) > 0 &&
    !directions.includes('internal')
  )
    yield ['can never hold: mail from outside has no recipients outside.', 'use direction: outbound'];
  if (condition.kind === 'ask' && !outbound && ['freeMail', 'lookAlike', 'firstTime'].includes(condition.ask.check))
    yield [`can never hold: ${condition.ask.check} is about recipients outside.`, 'use direction: outbound'];
}

function* nobody(condition: Condition, context: ReviewContext, consequence: string): Generator<Warning> {
  if (condition.kind !== 'senders' && condition.kind !== 'recipients') return;
  const missing = condition.of.filter((selector) => isUnknown(selector, context));
  for (const selector of missing) {
    const name = 'name' in selector ? `${selector.kind} ${selector.name}` : '';
    const all = missing.length === condition.of.length;
    yield [`there is no ${name}${all ? `; the rule ${consequence}` : ''}.`, 'mend the name, or add it to the tenant'];
  }
}

function isUnknown(selector: Selector, { groups, relays }: ReviewContext): boolean {
  if (selector.kind === 'group') return !groups.has(selector.name.toLowerCase());
  if (selector.kind === 'relay') return !relays.has(selector.name.toLowerCase());
  return selector.kind === 'role' && !['admin', 'approver', 'agent'].includes(selector.name);
}

function* tellsStrangers({ action: { decision, notify } }: Rule, context: ReviewContext | null): Generator<Warning> {
  const asked = decision.kind === 'approve' ? [...decision.by, ...decision.deputies] : [];
  const named = [...asked, ...notify].filter((person) => person.includes('@')) as MailAddress[];
  const stranger = named.find((address) => context?.domains.has(domainOf(address).toLowerCase()) === false);
  if (stranger !== undefined)
    yield [
      `${stranger} is sent nothing: only people in the tenant’s own domains are told of its mail.`,
      'name somebody of the tenant',
    ];
}

function* worksAgainstItself(rule: Rule): Generator<Warning> {
  const { decision, changes } = rule.action;
  const kinds = new Set(changes.map(({ kind }) => kind));
  const ends = decision.kind === 'reject' || decision.kind === 'discard';
  if (ends && changes.length > 0)
    yield [`${decision.kind} ends the mail, so its changes are never made.`, 'remove the changes'];
  if (ends && rule.goOn)
    yield [
      `${decision.kind} is the strictest there is: continue adds nothing but changes that are never made.`,
      'remove continue',
    ];
  if (decision.kind === 'reject' && directionsOf(rule.when).includes('inbound'))
    yield [
      'mail of strangers is not refused for its content after it was taken, but discarded.',
      'add direction: outbound, or use hold',
    ];
  if (kinds.has('encryptZip')) {
    const isMailed = changes.some((change) => change.kind === 'encryptZip' && change.passwordTo === 'recipients');
    const mailed = isMailed ? ', and its password goes the same way as the ZIP' : '';
    yield [
      `advised against: a ZIP with a password keeps scanners out at both ends${mailed}.`,
      'use links instead of zip',
    ];
    if (kinds.has('secureLinks'))
      yield ['an attachment can’t become both a link and a ZIP.', 'keep one of links and zip'];
  }
  if (kinds.has('stripAttachments') && (kinds.has('secureLinks') || kinds.has('encryptZip')))
    yield ['attachments that are stripped can’t be sent another way.', 'keep one of strip, links and zip'];
  if (kinds.has('forceBcc') && kinds.has('onePerRecipient'))
    yield ['one mail for each recipient names nobody else already.', 'keep one of forceBcc and onePerRecipient'];
  if (kinds.has('requireTls') && !directionsOf(rule.when).includes('outbound'))
    yield ['mail that stays here needs no TLS.', 'add direction: outbound, or remove requireTls'];
}
