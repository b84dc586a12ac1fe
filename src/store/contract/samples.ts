/** Mails, people and time for the suites of the store. */
import type {
  ArrivedMail,
  ArrivedRecipient,
  Body,
  Call,
  Claim,
  Decision,
  Domain,
  Incarnation,
  IncarnationId,
  MailAddress,
  MailId,
  Outcome,
  PeerReply,
  PolicyVersion,
  Settlement,
  TenantId,
  Verdict,
} from '#/model/index.ts';
import { mxDestination, newMailId, within } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';

export const NOON = Date.UTC(2026, 10, 21, 12);
export const DAY_MS = 86_400_000;
export const ACME = 'acme' as TenantId;
export const GLOBEX = 'globex' as TenantId;
export const PARTNER = mxDestination('partner.test' as Domain);
export const OTHER = mxDestination('other.test' as Domain);

/** A clock that stands until it is told. */
export class StandingClock implements Clock {
  ms = NOON;

  now(): number {
    return this.ms;
  }

  monotonic(): number {
    return this.ms;
  }

  async sleep(ms: number): Promise<void> {
    this.ms += ms;
  }
}

/** Long enough for a slow machine; no test waits for it. */
export function soon(): Call {
  return within(30_000);
}

let lastIdMs = 0;

/** An id as of the clock, behind every id before it. */
export function idAt(ms: number): MailId {
  lastIdMs = Math.max(ms, lastIdMs);
  return newMailId(lastIdMs);
}

export function textBody(text: string): Body {
  const bytes = Buffer.from(text);
  return { kind: 'memory', chunks: [bytes.subarray(0, 3), bytes.subarray(3)], size: bytes.length };
}

export function recipient(n: number, more: Partial<ArrivedRecipient> = {}): ArrivedRecipient {
  return {
    n,
    address: `r${n}@partner.test` as MailAddress,
    original: null,
    orcpt: null,
    notify: { success: false, failure: true, delay: true },
    direction: 'outbound',
    destination: PARTNER,
    held: null,
    ...more,
  };
}

/** A mail of one recipient, unless `more` says otherwise. */
export function mail(clock: Clock, more: Partial<ArrivedMail> = {}): ArrivedMail {
  const id = more.id ?? idAt(clock.now());
  const body = more.body ?? textBody(`Subject: ${id}\r\n\r\nHello ${id}\r\n`);
  return {
    id,
    parent: null,
    tenant: ACME,
    origin: 'received',
    purpose: 'mail',
    sender: 'alice@acme.test' as MailAddress,
    identity: { kind: 'user', tenant: ACME, name: 'alice@acme.test' },
    receivedAt: clock.now(),
    needs: { eightBit: true, smtpUtf8: false, requireTls: false, ret: 'hdrs', envid: 'E1' },
    facts: { from: 'Alice <alice@acme.test>', subject: `Offer ${id}`, messageId: `<${id}@acme.test>` },
    hops: 1,
    size: body.size,
    recipients: [recipient(1)],
    body,
    ...more,
  };
}

export function worker(name: string, role = 'deliver'): Incarnation {
  const id = `host/${role}/${name}` as IncarnationId;
  return { id, host: 'host', role, release: '1.2.3', pid: 7, startedAt: NOON };
}

export function reply(code: number, text: string): PeerReply {
  return { code, enhanced: code >= 500 ? '5.1.1' : '4.2.0', text, host: 'mx.partner.test' };
}

export const DELIVERED: Outcome = {
  kind: 'delivered',
  reply: { code: 250, enhanced: '2.0.0', text: 'ok', host: null },
};

export function deferredUntil(due: number): Outcome {
  return { kind: 'deferred', reply: reply(450, 'not now'), due, delayNotified: false };
}

/** What policy decided by its rule `leak`, and its text. */
export function verdict(decision: Decision, more: Partial<Verdict> = {}): Verdict {
  const reason = { en: '4 companies receive it.', ja: '4社に届きます。' };
  return {
    ...decision,
    rule: 'leak',
    version: '12345' as PolicyVersion,
    reason,
    changes: [],
    notify: [],
    ...more,
  } as Verdict;
}

/** The same outcome for every recipient of a claim. */
export function settlementOf(claim: Claim, outcome: Outcome, more: Partial<Settlement> = {}): Settlement {
  const outcomes = claim.recipients.map(({ n }) => ({ n, outcome }));
  return { claim, outcomes, born: [], elapsedMs: 5, peer: 'mx.partner.test[192.0.2.1]:25', ...more };
}

/** The claim that a keeper makes when a mail is accepted for a worker. */
export function claimOfAccepted(mail: ArrivedMail): Claim {
  const { recipients, body, ...rest } = mail;
  const queued = recipients.filter((each) => each.held === null);
  return {
    mail: rest,
    destination: queued[0]?.destination ?? PARTNER,
    recipients: queued.map(({ n, address, original, orcpt, notify, direction }) => ({
      n,
      token: 1,
      address,
      original,
      orcpt,
      notify,
      direction,
      state: 'queued',
      attempts: 0,
      lastAttemptAt: null,
      lastReply: null,
      delayNotified: false,
      possiblyDuplicate: false,
      releaseAt: null,
      judged: false,
      verdict: null,
    })),
    body,
  };
}

/** The content as one text. */
export function textOf(body: Body | null): string {
  return body?.kind === 'memory' ? Buffer.concat(body.chunks).toString() : '';
}
