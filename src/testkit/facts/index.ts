export { checkCases } from './cases.ts';

/** Facts of mails that never were, for tests of checks and policy. */
import type { Direction, MailAddress, MailFacts, PartFacts, RecipientFacts, TenantId } from '#/model/index.ts';

/** What a test says about a mail; the rest is that of a small letter from alice@acme.test. */
export interface MailSketch extends Partial<Omit<MailFacts, 'recipients' | 'parts' | 'to' | 'cc' | 'from'>> {
  /** Addresses; those in acme.test are internal, all others outbound. */
  readonly recipients?: readonly (string | RecipientFacts)[];
  readonly to?: readonly string[];
  readonly cc?: readonly string[];
  readonly from?: readonly string[];
  readonly body?: string;
  readonly attachments?: readonly Partial<PartFacts>[];
  readonly inside?: readonly Partial<PartFacts>[];
}

const BODY_PATH = '1';

/** A mail as extraction would have seen it. */
export function sketchMail(sketch: MailSketch = {}): MailFacts {
  const {
    recipients = ['carol@example.test'],
    to,
    cc = [],
    from = ['alice@acme.test'],
    body = '',
    attachments = [],
    inside = [],
    ...rest
  } = sketch;
  const reached = recipients.map((one, i) => (typeof one === 'string' ? recipientTo(one, i + 1) : one));
  return {
    tenant: 'acme' as TenantId,
    identity: { kind: 'user', tenant: 'acme' as TenantId, name: 'alice@acme.test' },
    sender: 'alice@acme.test' as MailAddress,
    recipients: reached,
    size: 4_000,
    from: from.map(named),
    to: (to ?? reached.map(({ address }) => address)).map(named),
    cc: cc.map(named),
    replyTo: [],
    subject: 'Hello',
    fields: [],
    parts: [
      sketchPart({ role: 'container', declaredType: 'message/rfc822' }),
      sketchPart({ path: BODY_PATH, declaredType: 'text/plain', text: body }),
      ...attachments.map((part, i) => sketchPart({ path: String(i + 2), role: 'attachment', ...part })),
      ...inside.map((part) => sketchPart({ role: 'inside', ...part })),
    ],
    unread: [],
    ...rest,
  };
}

/** One part; by default an empty body. */
export function sketchPart(part: Partial<PartFacts>): PartFacts {
  return {
    path: '',
    role: 'body',
    name: null,
    otherNames: [],
    declaredType: '',
    trueType: null,
    size: part.text?.length ?? 0,
    sha256: null,
    encrypted: false,
    macro: false,
    text: null,
    textCut: false,
    ...part,
  };
}

/** A recipient of a mail of acme.test. */
export function recipientTo(address: string, n: number, direction?: Direction): RecipientFacts {
  const side = direction ?? (address.endsWith('@acme.test') ? 'internal' : 'outbound');
  return { n, address: address as MailAddress, original: null, direction: side };
}

function named(address: string): { address: string; display: string } {
  return { address, display: '' };
}
