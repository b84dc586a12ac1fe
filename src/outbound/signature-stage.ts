/**
 * Which signatures a mail gets, decided once, before its first attempt, and written down with each recipient: as they are filled in, so that no change of
 * rules, templates, people or pictures makes the next attempt another mail (design 1, Same bytes at every retry). Held mail comes here when it is released.
 *
 * ```
 *   claim ─▶ may it be signed? ─no─▶ attempt
 *               │ yes
 *               ▼
 *   generation of people ─▶ rules, templates ─▶ outcome `signed` (perhaps with none) ─▶ due at once ─▶ attempt, and each one after it
 *               │ trouble
 *               ▼
 *   back for a minute; after 15 it goes as it is, and the trace says so (design 2)
 * ```
 * What must never happen: an attempt with other octets than the one before; mail that waits for its signature for ever; a letter of somebody else signed.
 */
import { readHeaders } from '#/codec/mime/index.ts';
import { hopIn } from '#/codec/stamp/index.ts';
import type {
  Claim,
  ClaimedRecipient,
  MadeSignature,
  MailId,
  MailInCustody,
  Outcome,
  Sign,
  TenantId,
} from '#/model/index.ts';
import { isCopy, isNeighbour, isProven, within } from '#/model/index.ts';
import type { Clock, DirectorySource, Log, PeopleGenerations } from '#/ports/index.ts';
import { chooseSignatures, type ReadLetter, readLetter, renderSignature } from '#/signature/index.ts';
import { letterOf, type SignableLetter, SignatureBook, type TenantSignatures } from './signature-book.ts';

export interface SignatureStageParts {
  readonly directory: DirectorySource;
  readonly people: PeopleGenerations;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** Design 2: then mail goes without its signature. */
const ABSENT_MS = 15 * 60_000;
const AGAIN_MS = 60_000;
const PEOPLE_MS = 10_000;
/** Mails whose first trouble is remembered; those beyond wait from their next try on. */
const TROUBLED_MAX = 10_000;

/** Design 6: a stamp stops signing twice. */
const SIGNED_BEFORE = 'no signature: it has gone back to its cloud before, and was signed then';

export interface Decided {
  readonly recipient: ClaimedRecipient;
  readonly outcome: Outcome;
}

export class SignatureStage {
  readonly #parts: SignatureStageParts;
  readonly #book: SignatureBook;
  /** Since when a mail waits for its signature, wall-clock ms. */
  readonly #troubled = new Map<MailId, number>();

  constructor(parts: SignatureStageParts) {
    this.#parts = parts;
    this.#book = new SignatureBook(parts.directory, (tenant, why) =>
      parts.log.error('outbound.signatures-unread', { tenant, why }),
    );
  }

  /** Whether it has still to be decided. What was tried before stays as it was tried. */
  concerns({ mail, recipients }: Claim): boolean {
    return isLetter(mail) && recipients.some(isUndecided) && this.#book.of(mail.tenant) !== null;
  }

  /** Decides it for everybody who waits in this claim. Never rejects. */
  async decide(
    claim: Claim,
    recipients: readonly ClaimedRecipient[],
    load: () => Promise<Buffer>,
  ): Promise<readonly Decided[]> {
    const signatures = this.#book.of(claim.mail.tenant);
    try {
      const decided = signatures === null ? null : await this.#signed(claim.mail, recipients, signatures, await load());
      this.#troubled.delete(claim.mail.id);
      return decided ?? recipients.map((recipient) => this.#without(recipient, null));
    } catch (error) {
      return this.#absent(claim.mail, recipients, error);
    }
  }

  async #signed(
    mail: MailInCustody,
    recipients: readonly ClaimedRecipient[],
    signatures: TenantSignatures,
    content: Buffer,
  ): Promise<readonly Decided[]> {
    if (hopIn(readHeaders([content])) > 0)
      return recipients.map((recipient) => this.#without(recipient, SIGNED_BEFORE));
    const { people, clock } = this.#parts;
    const call = within(PEOPLE_MS);
    const generation = await people.current(mail.tenant, call);
    const at = clock.now();
    const read = readLetter(content);
    const letter = await letterOf(content, read, { ...mail, at }, { signatures, generation, people }, call);
    const made = new Map<string, Made>();
    return recipients.map((recipient) => {
      const { rules } = chooseSignatures(letter, recipient, signatures.rules);
      const key = rules.map(({ name }) => name).join('\n');
      const { signatures: filled, detail } = made.getOrInsertComputed(key, () => makeFor(rules, letter, read));
      const sign: Sign = { kind: 'sign', signatures: filled, generation: generation.id, at };
      return { recipient, outcome: { kind: 'signed', sign, detail: `${detail} (people: ${generation.id})` } };
    });
  }

  #without(recipient: ClaimedRecipient, why: string | null): Decided {
    const sign: Sign = { kind: 'sign', signatures: [], generation: '', at: this.#parts.clock.now() };
    return { recipient, outcome: { kind: 'signed', sign, detail: why ?? 'no signature: its company has none' } };
  }

  /** Waits, for a while; then it goes as it is. */
  #absent({ id, tenant }: MailInCustody, recipients: readonly ClaimedRecipient[], error: unknown): readonly Decided[] {
    const { clock, log } = this.#parts;
    const now = clock.now();
    const since = this.#troubled.get(id) ?? now;
    const why = error instanceof Error ? error.message : String(error);
    if (now - since >= ABSENT_MS) {
      this.#troubled.delete(id);
      log.error('outbound.unsigned', { tenant, message: id, why });
      return recipients.map((recipient) =>
        this.#without(recipient, `no signature: it could not be made for 15 minutes (${why})`),
      );
    }
    if (this.#troubled.size < TROUBLED_MAX) this.#troubled.set(id, since);
    log.warn('outbound.not-signed-yet', { tenant, message: id, why });
    return recipients.map((recipient) => {
      const { delayNotified } = recipient;
      return { recipient, outcome: { kind: 'returned', due: now + AGAIN_MS, delayNotified } };
    });
  }
}

interface Made {
  readonly signatures: readonly MadeSignature[];
  readonly detail: string;
}

/** Tried at once: what can't be put in is not written down, and the trace says why. */
function makeFor(rules: TenantSignatures['rules'], letter: SignableLetter, read: ReadLetter): Made {
  if (rules.length === 0) return { signatures: [], detail: 'no signature: no rule holds' };
  const signatures = rules.map((rule) => renderSignature(rule, letter.values, letter.photo));
  const signed = read.sign(signatures);
  if (signed.kind === 'unchanged') return { signatures: [], detail: `no signature: ${signed.why.en}` };
  return { signatures, detail: rules.map(({ name }) => name).join(', ') };
}

/** Of one of our own people, to anybody; no report, no copy, no forward, and nothing that another tenant of ours sends through. */
function isLetter({ purpose, parent, sender, identity, tenant }: MailInCustody): boolean {
  if (purpose !== 'mail' || parent !== null || sender === null) return false;
  return (
    isProven(identity) &&
    identity.kind !== 'system' &&
    !isCopy(identity) &&
    !isNeighbour(identity, tenant) &&
    !isProbe(tenant)
  );
}

function isProbe(tenant: TenantId): boolean {
  return tenant.startsWith('holdfast');
}

function isUndecided({ attempts, possiblyDuplicate, direction, verdict }: ClaimedRecipient): boolean {
  if (attempts > 0 || possiblyDuplicate || direction === 'inbound') return false;
  return !(verdict?.changes ?? []).some(({ kind }) => kind === 'sign');
}

/** Who has still to be decided on. */
export function undecided(recipients: readonly ClaimedRecipient[]): readonly ClaimedRecipient[] {
  return recipients.filter(isUndecided);
}
