/**
 * Passwords of encrypted ZIPs on their way: mails of ours, born with the outcome of a recipient who has the mail. To its sender, once a mail, to be
 * passed on by another way; or, where the rule says so, to each recipient. They bypass holds and quote nothing of the mail but its subject.
 *
 * What must never happen: a password of a mail that nobody has got; one in the same mail as its ZIP; one to a stranger whose address may be invented.
 */
import { randomUUID } from 'node:crypto';
import { contentFacts, formatTextMail, readHeaders } from '#/codec/mime/index.ts';
import { needsSmtpUtf8 } from '#/codec/smtp/index.ts';
import type {
  BornMail,
  Change,
  Claim,
  ClaimedRecipient,
  MadeZip,
  MailAddress,
  MailInCustody,
  Tenant,
} from '#/model/index.ts';
import { domainOf, isProven, newMailId } from '#/model/index.ts';
import type { Clock, DirectorySource, Routing, ZipSecrets } from '#/ports/index.ts';
import { changesOf } from './changed.ts';
import type { Job } from './job.ts';
import { PASSWORD_WORDS, type PasswordText } from './password-words.ts';

export interface PasswordParts {
  readonly secrets: Pick<ZipSecrets, 'password'>;
  readonly directory: DirectorySource;
  readonly routing: Pick<Routing, 'plan'>;
  readonly clock: Clock;
}

type Zip = Extract<Change, { kind: 'encryptZip' }>;

/** One mail with a password. */
interface Letter {
  readonly to: MailAddress;
  readonly text: PasswordText;
  /** The recipient whose outcome brings it. */
  readonly n: number;
  readonly once: string;
  readonly requireTls: boolean;
}

export class Passwords {
  readonly #hostname: string;
  readonly #parts: PasswordParts;

  constructor({ hostname }: { readonly hostname: string }, parts: PasswordParts) {
    this.#hostname = hostname;
    this.#parts = parts;
  }

  /** Those that the recipients who were served make due. */
  left({ claim, mail, verdicts }: Job): readonly BornMail[] {
    const served = claim.recipients.filter(({ n }) => verdicts.get(n)?.kind === 'taken');
    return zipsOf(claim).flatMap(({ passwordTo, zip }) => {
      if (zip === undefined) return [];
      const letters = passwordTo === 'sender' ? this.#toSender(mail, zip, served) : this.#toEach(mail, zip, served);
      return letters.map((letter) => this.#born(mail, letter));
    });
  }

  #toSender(mail: MailInCustody, zip: MadeZip, [first]: readonly ClaimedRecipient[]): readonly Letter[] {
    const to = senderOf(mail);
    if (first === undefined || to === null) return [];
    const tenant = this.#tenantOf(mail);
    const subject = tenant?.notices.subject === false ? '' : lineOf(mail.facts.subject);
    const about = subject === '' ? mail.id : subject;
    const text = PASSWORD_WORDS[zip.language].sender(about, this.#parts.secrets.password(zip.id));
    return [{ to, text, n: first.n, once: `zip ${zip.id}`, requireTls: false }];
  }

  #toEach(mail: MailInCustody, zip: MadeZip, served: readonly ClaimedRecipient[]): readonly Letter[] {
    const company = this.#companyOf(mail);
    const text = PASSWORD_WORDS[zip.language].recipient(company, this.#parts.secrets.password(zip.id));
    const { requireTls } = mail.needs;
    return served.map(({ n, address }) => ({ to: address, text, n, once: `zip ${zip.id} ${n}`, requireTls }));
  }

  #born(mail: MailInCustody, { to, text, n, once, requireTls }: Letter): BornMail {
    const { clock, directory, routing } = this.#parts;
    const { tenant } = mail;
    const at = clock.now();
    const hostname = this.#hostname;
    const messageId = `${randomUUID()}@${hostname}`;
    const content = formatTextMail({ ...text, from: this.#companyOf(mail), hostname, to, messageId, at });
    const { destination, held } = routing.plan(to, 'notice', null);
    const isOurs = directory.current().domain(domainOf(to))?.tenant.id === tenant;
    const notify = { success: false, failure: false, delay: false };
    const direction = isOurs ? 'internal' : 'outbound';
    return {
      id: newMailId(at),
      ...{ parent: mail.id, tenant, origin: 'generated', purpose: 'notice', sender: null },
      identity: { kind: 'system', tenant, name: '' },
      receivedAt: at,
      needs: { eightBit: false, smtpUtf8: needsSmtpUtf8(to), requireTls, ret: null, envid: null },
      facts: contentFacts(readHeaders([content])),
      hops: 0,
      size: content.length,
      recipients: [{ n: 1, address: to, original: null, orcpt: null, notify, direction, destination, held }],
      body: { kind: 'memory', chunks: [content], size: content.length },
      bornOf: n,
      once,
    };
  }

  #companyOf(mail: MailInCustody): string {
    return this.#tenantOf(mail)?.name ?? this.#hostname;
  }

  #tenantOf({ tenant }: MailInCustody): Tenant | undefined {
    return this.#parts.directory.current().tenant(tenant);
  }
}

/** Whether the mail has a ZIP whose password somebody is to be told. */
export function hasPassword(claim: Claim): boolean {
  return zipsOf(claim).length > 0;
}

function zipsOf(claim: Claim): readonly Zip[] {
  return changesOf(claim).filter((change) => change.kind === 'encryptZip');
}

/** Who signed in; of a server of the tenant, whom it says. */
function senderOf({ identity, sender }: MailInCustody): MailAddress | null {
  if (!isProven(identity)) return null;
  return identity.kind === 'user' ? (identity.name as MailAddress) : sender;
}

const SUBJECT_CHARS_MAX = 200;

/** One line, whatever a subject holds. */
function lineOf(subject: string): string {
  const line = subject.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  const letters = Array.from(line);
  return letters.length <= SUBJECT_CHARS_MAX ? line : `${letters.slice(0, SUBJECT_CHARS_MAX).join('')}…`;
}
