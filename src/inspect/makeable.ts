/**
 * Before a verdict is handed on: can the changes that it asks for be made of this very mail? They are made here once, as delivery will make
 * them. What can't be made turns the verdict into a hold that says so; its changes stay with it, so that nothing leads around them.
 *
 * What must never happen: a verdict whose changes are found to be impossible only when the mail is on its way; a number that is said to be
 * blacked out and can still be read.
 */
import type {
  Call,
  Change,
  MailFacts,
  RecipientFacts,
  RecipientNumber,
  Tenant,
  Verdict,
  Wording,
} from '#/model/index.ts';
import { changesContent } from '#/model/index.ts';
import type { ShareMaker } from '#/ports/index.ts';
import { FULL, hindranceOf, NO_PAGES, NO_SENDER, REVOKED, STRIPPED_TEXT, trialVariant } from './changes/index.ts';
import { DETECTORS } from './detectors.ts';
import { asIfShared, eachOneWay, type SharedMail, shared } from './shares.ts';
import { MailTexts, TextOfMail } from './text/index.ts';
import { lacksSender, withZip } from './zips.ts';

export interface ChangedMail extends SharedMail {
  /** Whom a verdict is asked for. */
  readonly recipients: readonly RecipientFacts[];
  /** Keeps files that become downloads; null where nothing does, and such mail waits. */
  readonly shares: ShareMaker | null;
  readonly call: Call;
  /** What inspection finds in a mail. */
  read(content: Buffer): Promise<MailFacts>;
}

const NOT_GONE: Wording = {
  en: 'what was to be blacked out can still be read in it afterwards',
  ja: '伏せた後も対象の情報を読み取れるため',
};

/** The verdicts as they can be carried out. Recipients who shared one value still do. */
export async function makeable(
  verdicts: ReadonlyMap<RecipientNumber, Verdict>,
  mail: ChangedMail,
): Promise<ReadonlyMap<RecipientNumber, Verdict>> {
  const made = new Map<RecipientNumber, Verdict>();
  for (const [verdict, recipients] of Map.groupBy(mail.recipients, ({ n }) => verdicts.get(n))) {
    if (verdict === undefined) continue;
    const known = await carriedOut(verdict, recipients, mail);
    for (const { n } of recipients) made.set(n, known);
  }
  return made;
}

async function carriedOut(
  verdict: Verdict,
  recipients: readonly RecipientFacts[],
  mail: ChangedMail,
): Promise<Verdict> {
  const [first] = recipients;
  if (verdict.changes.length === 0 || verdict.kind === 'defer' || first === undefined) return verdict;
  // All that the octets depend on stands in the verdict: a tenant may choose another language while the mail waits.
  const changes = eachOneWay(verdict.changes).map((change) =>
    withZip(worded(change, mail.language), mail.mail, mail.language),
  );
  if (lacksSender(changes, mail.mail)) return waiting({ ...verdict, changes }, NO_SENDER);
  const why = changesContent(changes) ? await hindrance(changes, first, mail) : null;
  if (why !== null) return waiting({ ...verdict, changes }, why);
  return await withShares({ ...verdict, changes }, recipients, mail);
}

async function withShares(
  verdict: Verdict,
  recipients: readonly RecipientFacts[],
  mail: ChangedMail,
): Promise<Verdict> {
  if (!verdict.changes.some(({ kind }) => kind === 'secureLinks')) return verdict;
  if (mail.shares === null) return waiting(verdict, NO_PAGES);
  const changes = await shared(verdict, recipients, mail, mail.shares, mail.call);
  if (typeof changes === 'string') return waiting(verdict, changes === 'full' ? FULL : REVOKED);
  return { ...verdict, changes };
}

function worded(change: Change, language: Tenant['language']): Change {
  if (change.kind !== 'stripAttachments' || change.text !== null) return change;
  return { ...change, text: STRIPPED_TEXT[language] };
}

/** Why they can't be made, or null. */
async function hindrance(
  changes: readonly Change[],
  recipient: RecipientFacts,
  mail: ChangedMail,
): Promise<Wording | null> {
  const tried = hindranceOf(() => asIfShared(changes, mail));
  if (tried.kind === 'impossible') return tried.why;
  const variant = trialVariant(mail.content, tried.value, recipient);
  if (variant.kind === 'impossible') return variant.why;
  const detectors = new Set(changes.flatMap((change) => (change.kind === 'redact' ? change.detectors : [])));
  if (detectors.size === 0) return null;
  return isFound(await mail.read(Buffer.concat(variant.chunks)), detectors) ? NOT_GONE : null;
}

/** Whether these detectors find anything in what people see of the mail, or something of it could not be read. */
function isFound(facts: MailFacts, detectors: ReadonlySet<string>): boolean {
  const seen = new MailTexts(facts);
  if (seen.unreadIn(['subject', 'body'])) return true;
  const files = facts.parts
    .filter(
      ({ path, role, declaredType }) => path !== '' && role !== 'body' && /^(?:text|message)\//.test(declaredType),
    )
    .map(({ path, text }) => new TextOfMail(path, 'attachments', text ?? ''));
  const texts = [...seen.of(['subject', 'body']), ...files];
  return Object.entries(DETECTORS).some(([name, detect]) => detectors.has(name) && !detect(texts).next().done);
}

function waiting({ rule, version, reason, changes, notify }: Verdict, why: Wording): Verdict {
  const told = {
    en: `A rule asks for a change of this mail that can’t be made: ${why.en}. ${reason.en}`.trim(),
    ja: `ルールが求める変更を行えません（${why.ja}）。${reason.ja}`,
  };
  return { kind: 'hold', forMs: null, atEnd: 'expire', rule, version, reason: told, changes, notify };
}
