/** Answers about mailboxes as a whole (RFC 9051 §7.3, RFC 5258, RFC 9208, RFC 2342). */
import type { Flag } from '#/model/index.ts';
import type { StatusItem } from './command.ts';
import { formatString } from './format-text.ts';
import { encodeName } from './mailbox-name.ts';

export interface ListAnswer {
  /** RFC 9051 §7.3.1, with the backslash. */
  readonly attributes: readonly string[];
  /** Empty for the root, which tells the delimiter alone. */
  readonly name: string;
  /** RFC 5258 §3.5: below it are subscribed mailboxes that are not listed themselves. */
  readonly childIsSubscribed: boolean;
}

/** `as`: LSUB is the old question's answer. */
export function formatList(answer: ListAnswer, as: 'LIST' | 'LSUB', utf8: boolean): string {
  const child = answer.childIsSubscribed ? ' ("CHILDINFO" ("SUBSCRIBED"))' : '';
  return `* ${as} (${answer.attributes.join(' ')}) "/" ${formatName(answer.name, utf8)}${child}\r\n`;
}

/** Ids go in parentheses (RFC 8474 §4.3), a limit that isn't there is NIL (RFC 7889 §3). */
export function formatStatus(
  name: string,
  values: readonly (readonly [StatusItem, number | string | null])[],
  utf8: boolean,
): string {
  const items = values.map(([item, value]) => `${item.toUpperCase()} ${formatValue(value)}`);
  return `* STATUS ${formatName(name, utf8)} (${items.join(' ')})\r\n`;
}

/** Personal mailboxes alone, all below the root (RFC 2342 §5). */
export const namespace = '* NAMESPACE (("" "/")) NIL NIL\r\n';

export function formatFlags(flags: readonly Flag[]): string {
  return `* FLAGS (${flags.join(' ')})\r\n`;
}

export function formatExists(messages: number): string {
  return `* ${messages} EXISTS\r\n`;
}

/** RFC 9208 §4.2.1: STORAGE counts in 1,024 octets; without a limit there is nothing to say. */
export function formatQuota(root: string, quota: { readonly used: number; readonly limit: number | null }): string {
  const { used, limit } = quota;
  const storage = limit === null ? '' : `STORAGE ${Math.ceil(used / 1024)} ${Math.floor(limit / 1024)}`;
  return `* QUOTA ${formatString(root, false)} (${storage})\r\n`;
}

export function formatQuotaRoot(name: string, root: string, utf8: boolean): string {
  return `* QUOTAROOT ${formatName(name, utf8)} ${formatString(root, utf8)}\r\n`;
}

/** A mailbox's name as an argument of an answer. */
function formatName(name: string, utf8: boolean): string {
  return formatString(encodeName(name, utf8), utf8);
}

function formatValue(value: number | string | null): string {
  if (value === null) return 'NIL';
  return typeof value === 'number' ? String(value) : `(${value})`;
}
