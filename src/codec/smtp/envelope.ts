/** MAIL and RCPT: a path, then parameters (RFC 5321 §4.1.1.2, §4.1.1.3, §4.1.1.11). */
import { parseUtf8Address, parseXtext, parseXtextInUtf8 } from '#/codec/dsn/index.ts';
import type { MailAddress, Notify, OriginalRecipient } from '#/model/index.ts';
import { needsSmtpUtf8, parseMailAddress, takePath } from './address.ts';
import type { MailCommand, RcptCommand } from './command.ts';
import { envelopeIdBytesMax, originalRecipientBytesMax } from './limits.ts';
import * as replies from './replies.ts';
import type { Reply } from './reply.ts';

type Draft<T> = { -readonly [Key in keyof T]: T[Key] };
type MailDraft = Draft<Omit<MailCommand, 'needs'>> & { needs: Draft<MailCommand['needs']> };
type RcptDraft = Draft<RcptCommand>;

/** Writes a parameter's value into the command; false where the value is none. */
type Taker<T> = (draft: T, value: string | null) => boolean;

const mailTakers: ReadonlyMap<string, Taker<MailDraft>> = new Map<string, Taker<MailDraft>>([
  ['SIZE', takeSize],
  ['BODY', takeBody],
  ['SMTPUTF8', takeFlag('smtpUtf8')],
  ['REQUIRETLS', takeFlag('requireTls')],
  ['RET', takeRet],
  ['ENVID', takeEnvelopeId],
  ['AUTH', takeAuth],
]);

const rcptTakers: ReadonlyMap<string, Taker<RcptDraft>> = new Map<string, Taker<RcptDraft>>([
  ['NOTIFY', takeNotify],
  ['ORCPT', takeOriginalRecipient],
]);

/** Reads what follows `MAIL `; a Reply says what is wrong with it. */
export function parseMail(argument: string): MailCommand | Reply {
  const taken = pathAfter('FROM:', argument);
  if (taken === null) return replies.badMailSyntax;
  const sender = taken.path === '' ? null : parseMailAddress(taken.path);
  if (sender === null && taken.path !== '') return replies.badSender;
  const mail: MailDraft = { verb: 'MAIL', sender, size: null, needs: noNeeds(), auth: null };
  const wrong = takeParameters(taken.rest, mail, mailTakers);
  if (wrong !== null) return wrong;
  // RFC 6531 §3.4: an internationalised address is announced by SMTPUTF8.
  return sender !== null && needsSmtpUtf8(sender) && !mail.needs.smtpUtf8 ? replies.smtpUtf8Needed : mail;
}

/** Reads what follows `RCPT `; a Reply says what is wrong with it. Whether SMTPUTF8 was said only the transaction knows. */
export function parseRcpt(argument: string): RcptCommand | Reply {
  const taken = pathAfter('TO:', argument);
  if (taken === null) return replies.badRcptSyntax;
  // RFC 5321 §4.1.1.3: RCPT has no null path.
  const recipient = taken.path.toLowerCase() === 'postmaster' ? 'postmaster' : parseMailAddress(taken.path);
  if (recipient === null) return replies.badRecipient;
  const rcpt: RcptDraft = { verb: 'RCPT', recipient, notify: null, originalRecipient: null };
  return takeParameters(taken.rest, rcpt, rcptTakers) ?? rcpt;
}

function noNeeds(): MailDraft['needs'] {
  return { eightBit: false, smtpUtf8: false, requireTls: false, ret: null, envid: null };
}

// Departs from RFC 5321 §3.3 (no blanks around the colon): printers write `MAIL FROM: <a@b>` (M1).
function pathAfter(keyword: string, argument: string): ReturnType<typeof takePath> {
  if (argument.slice(0, keyword.length).toUpperCase() !== keyword) return null;
  const taken = takePath(argument.slice(keyword.length).trimStart());
  return taken === null || (taken.rest !== '' && !taken.rest.startsWith(' ')) ? null : taken;
}

function takeParameters<T>(text: string, draft: T, takers: ReadonlyMap<string, Taker<T>>): Reply | null {
  if (text === '') return null;
  const seen = new Set<string>();
  for (const parameter of text.split(' ')) {
    if (parameter === '') continue;
    const equals = parameter.indexOf('=');
    const keyword = (equals < 0 ? parameter : parameter.slice(0, equals)).toUpperCase();
    const take = takers.get(keyword);
    // RFC 5321 §4.1.1.11: 555 for a parameter that was not announced.
    if (take === undefined) return replies.unknownParameter(keyword);
    if (seen.has(keyword) || !take(draft, equals < 0 ? null : parameter.slice(equals + 1)))
      return replies.badParameter(keyword);
    seen.add(keyword);
  }
  return null;
}

/** RFC 1870 §6: up to 20 digits; sizes beyond all counting are too large in any case. */
function takeSize(mail: MailDraft, value: string | null): boolean {
  if (value === null || !/^[0-9]{1,20}$/.test(value)) return false;
  mail.size = Math.min(Number(value), Number.MAX_SAFE_INTEGER);
  return true;
}

/** RFC 6531 §3.4, RFC 8689 §2: keywords without a value. */
function takeFlag(need: 'smtpUtf8' | 'requireTls'): Taker<MailDraft> {
  return (mail, value) => {
    mail.needs[need] = true;
    return value === null;
  };
}

/** RFC 6152 §2. BINARYMIME (RFC 3030 §3) is not announced: most next hops could not take such a mail from us. */
function takeBody(mail: MailDraft, value: string | null): boolean {
  const body = value?.toUpperCase();
  mail.needs.eightBit = body === '8BITMIME';
  return body === '7BIT' || body === '8BITMIME';
}

/** RFC 3461 §4.3. */
function takeRet(mail: MailDraft, value: string | null): boolean {
  const ret = value?.toUpperCase();
  if (ret !== 'FULL' && ret !== 'HDRS') return false;
  mail.needs.ret = ret === 'FULL' ? 'full' : 'hdrs';
  return true;
}

/** RFC 3461 §4.4. */
function takeEnvelopeId(mail: MailDraft, value: string | null): boolean {
  const id = value === null || value.length > envelopeIdBytesMax ? null : parseXtext(value);
  if (id === null || id === '') return false;
  mail.needs.envid = id;
  return true;
}

/** RFC 4954 §5. */
function takeAuth(mail: MailDraft, value: string | null): boolean {
  const text = value === null ? null : parseXtext(value);
  if (text === null) return false;
  mail.auth = text === '<>' ? '<>' : parseMailAddress(text);
  return mail.auth !== null;
}

const silence: Notify = { success: false, failure: false, delay: false };

/** RFC 3461 §4.1: NEVER alone, or any of the three. */
function takeNotify(rcpt: RcptDraft, value: string | null): boolean {
  const words = value?.toUpperCase().split(',') ?? [];
  const notify: Draft<Notify> = { ...silence };
  for (const word of words) {
    if (word === 'NEVER' && words.length === 1) break;
    if (word !== 'SUCCESS' && word !== 'FAILURE' && word !== 'DELAY') return false;
    notify[word.toLowerCase() as keyof Notify] = true;
  }
  rcpt.notify = notify;
  return words.length > 0;
}

/** RFC 3461 §4.2; RFC 6533 §3 for the type utf-8. */
function takeOriginalRecipient(rcpt: RcptDraft, value: string | null): boolean {
  if (value === null || value.length > originalRecipientBytesMax) return false;
  const semicolon = value.indexOf(';');
  const type = value.slice(0, Math.max(semicolon, 0)).toLowerCase();
  const text = value.slice(semicolon + 1);
  const original = type === 'utf-8' ? internationalised(parseUtf8Address(text)) : named(type, text);
  if (!/^[a-z0-9-]{1,40}$/.test(type) || original === null || original.address === '') return false;
  rcpt.originalRecipient = original;
  return true;
}

/** Departs from RFC 3461 §4: octets of UTF-8 behind `rfc822;` are what type utf-8 is for, and become it. */
function named(type: string, text: string): OriginalRecipient | null {
  const address = parseXtext(text);
  if (address !== null) return { type, address };
  return type === 'rfc822' ? internationalised(parseXtextInUtf8(text)) : null;
}

function internationalised(address: string | null): OriginalRecipient | null {
  return address === null ? null : { type: 'utf-8', address };
}

/** The address that a recipient stands for: `<Postmaster>` is the postmaster of this host (RFC 5321 §4.5.1). */
export function completePostmaster(recipient: RcptCommand['recipient'], hostname: string): MailAddress {
  return recipient === 'postmaster' ? (`postmaster@${hostname}` as MailAddress) : recipient;
}
