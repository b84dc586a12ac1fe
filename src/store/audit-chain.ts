/**
 * The audit log as a chain: each entry carries a hash over itself and the hash before it, so that an entry that was changed, taken out or
 * put in shows. What was cut off at the end does not: compare the number of entries with a copy kept elsewhere.
 *
 * A person who was erased is a pseudonym in entries that named them. Such an entry keeps its place and its hash, which its text does not give any
 * more; an entry behind it (`ERASED`) says what stands there now, by a digest, and who did that. So the chain still proves all that is in it: a text that
 * gives neither its hash nor what a later entry says of it was changed by other hands.
 */
import { createHash } from 'node:crypto';
import { type Call, Mention } from '#/model/index.ts';
import type { AuditEntry, ErasedPerson, ErasureNote, NameErasure } from '#/ports/index.ts';

/** An entry in its place. `seq` counts from 1. */
export interface ChainedAuditEntry extends AuditEntry {
  readonly seq: number;
  /** SHA-256, hex. */
  readonly hash: string;
}

/** Reading and proving what `Registry.audit` wrote, and erasing who is named in it. */
export interface AuditLog extends NameErasure {
  /** Entries behind `after` (0: from the first; null: the newest ones), oldest first, at most `limit`. */
  auditEntries(after: number | null, limit: number, call: Call): Promise<readonly ChainedAuditEntry[]>;
  /** All entries, a page of at most `limit` at a time, behind `after` (null: from the first); `next` is null at the end. */
  auditPage(after: string | null, limit: number, call: Call): Promise<AuditPage>;
  /** Computes the whole chain again. `brokenAt` is the first entry that does not fit; null where all do. */
  verifyAudit(call: Call): Promise<AuditVerdict>;
}

export interface AuditPage {
  readonly entries: readonly ChainedAuditEntry[];
  readonly next: string | null;
}

export interface AuditVerdict {
  readonly entries: number;
  readonly brokenAt: number | null;
}

/** What stands before the first entry. */
export const CHAIN_START = '0'.repeat(64);

/** The act of entries that say what stands in earlier ones now: their subject is `SEQ:DIGEST SEQ:DIGEST …`. */
const ERASED = 'audit.erased';
/** Rows of one step: their digests stand in one entry. */
export const ERASED_AT_ONCE = 25;

/** The hash of an entry behind `former`. */
export function chainHash(former: string, { at, by, act, subject, reason }: AuditEntry): string {
  return createHash('sha256')
    .update(JSON.stringify([former, at, by, act, subject, reason]))
    .digest('hex');
}

/** These entries without the person, and the entry that says so; null where none names them. At most `ERASED_AT_ONCE` of them. */
export function withoutPerson(
  entries: Iterable<ChainedAuditEntry>,
  { addresses, pseudonym }: ErasedPerson,
  note: ErasureNote,
): { readonly changed: readonly ChainedAuditEntry[]; readonly entry: AuditEntry } | null {
  const mention = new Mention(addresses);
  const changed: ChainedAuditEntry[] = [];
  for (const entry of entries) {
    const { by, subject, reason } = entry;
    if (!mention.isWithin([by, subject, reason])) continue;
    const without = (text: string): string => mention.replacedIn(text, pseudonym);
    changed.push({ ...entry, by: without(by), subject: without(subject), reason: without(reason) });
    if (changed.length === ERASED_AT_ONCE) break;
  }
  if (changed.length === 0) return null;
  const subject = changed.map((one) => `${one.seq}:${digestOf(one)}`).join(' ');
  const entry = { at: note.at, by: mention.replacedIn(note.by, pseudonym), act: ERASED, subject, reason: pseudonym };
  return { changed, entry };
}

/** A chain that is looked at entry by entry, from its start. Holds what was erased, and nothing else, in memory. */
export class ChainCheck {
  #former = CHAIN_START;
  #entries = 0;
  #gapAt: number | null = null;
  /** Entries whose text does not give their hash: the digest of what stands there. */
  readonly #unlike = new Map<number, string>();
  /** Oldest first. */
  readonly #notes: { readonly seq: number; readonly says: ReadonlyMap<number, string> }[] = [];

  take(entry: ChainedAuditEntry): void {
    this.#entries += 1;
    if (entry.seq !== this.#entries) this.#gapAt ??= entry.seq;
    if (entry.hash !== chainHash(this.#former, entry)) this.#unlike.set(entry.seq, digestOf(entry));
    if (entry.act === ERASED) this.#notes.push({ seq: entry.seq, says: readDigests(entry.subject) });
    this.#former = entry.hash;
  }

  /** What is known of the entries so far. */
  get verdict(): AuditVerdict {
    const unlike = new Map(this.#unlike);
    const said = new Set<number>();
    // From the newest on: what says of others may have been rewritten itself, and the last word on an entry counts.
    for (const { seq, says } of this.#notes.toReversed()) {
      if (unlike.has(seq)) continue;
      for (const [earlier, digest] of says) {
        if (earlier >= seq || said.has(earlier)) continue;
        said.add(earlier);
        if (unlike.get(earlier) === digest) unlike.delete(earlier);
      }
    }
    const broken = [...unlike.keys(), ...(this.#gapAt === null ? [] : [this.#gapAt])];
    return { entries: this.#entries, brokenAt: broken.length === 0 ? null : Math.min(...broken) };
  }
}

/** Walks a chain from its start. */
export function verifyChain(entries: Iterable<ChainedAuditEntry>): AuditVerdict {
  const check = new ChainCheck();
  for (const entry of entries) check.take(entry);
  return check.verdict;
}

/** A page of one chain, whose entries are named by their numbers. */
export async function pageOfChain(
  log: Pick<AuditLog, 'auditEntries'>,
  after: string | null,
  limit: number,
  call: Call,
): Promise<AuditPage> {
  const entries = await log.auditEntries(Number(after ?? 0), limit, call);
  return { entries, next: entries.length < limit ? null : `${entries.at(-1)?.seq}` };
}

/** Texts of one row, of which those named in `json` are JSON, with the pseudonym wherever they name the person; null where none does. */
export function textsWithoutPerson<Name extends string>(
  texts: Readonly<Record<Name, string>>,
  json: readonly NoInfer<Name>[],
  { addresses, pseudonym }: ErasedPerson,
): Readonly<Record<Name, string>> | null {
  const mention = new Mention(addresses);
  let isNamed = false;
  const without = Object.entries<string>(texts).map(([name, text]) => {
    const value: unknown = json.includes(name as Name) ? JSON.parse(text) : text;
    if (!mention.isWithin(value)) return [name, text] as const;
    isNamed = true;
    if (typeof value === 'string' && value === text) return [name, mention.replacedIn(text, pseudonym)] as const;
    return [name, JSON.stringify(mention.replacedWithin(value, pseudonym))] as const;
  });
  return isNamed ? (Object.fromEntries(without) as Readonly<Record<Name, string>>) : null;
}

function digestOf({ seq, at, by, act, subject, reason }: ChainedAuditEntry): string {
  return createHash('sha256')
    .update(JSON.stringify([seq, at, by, act, subject, reason]))
    .digest('base64url');
}

function readDigests(subject: string): ReadonlyMap<number, string> {
  return new Map(subject.split(' ').map((one) => [Number(one.split(':')[0]), one.split(':')[1] ?? '']));
}
