/** `v=1; hop=2; t=1800000000; mac=…`: the second time that a mail goes back, and when it came that time. The MAC names the tenant and the mail. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type HeaderSection, headerValue } from '#/codec/mime/index.ts';
import type { TenantId } from '#/model/index.ts';

/** The field of a loop stamp (contract). */
export const STAMP_FIELD = 'X-Holdfast-Stamp';

interface Stamp {
  /** How often the mail has gone back; from 1. */
  readonly hop: number;
  /** Wall-clock ms, whole seconds. */
  readonly at: number;
}

/** What a stamp is bound to. */
interface Stamped {
  readonly key: Uint8Array;
  readonly tenant: TenantId;
  /** What of the mail comes through a cloud unchanged (`stampedText`). */
  readonly text: string;
}

// Clouds fold fields anew, and some leave the tab of the fold behind.
const FORM = /^v=1;[ \t]{0,4}hop=([1-9]\d?);[ \t]{0,4}t=(\d{9,11});[ \t]{0,4}mac=([A-Za-z0-9_-]{43})$/;

/** The value of the field. */
export function formatStamp({ hop, at }: Stamp, stamped: Stamped): string {
  const seconds = Math.floor(at / 1000);
  return `v=1; hop=${hop}; t=${seconds}; mac=${macOf(hop, seconds, stamped).toString('base64url')}`;
}

/** Reads a value; null where it is no stamp of ours for this mail. Whether it is too old is for the caller to say. */
export function readStamp(value: string, stamped: Stamped): Stamp | null {
  const [, hop, seconds, mac] = FORM.exec(value.trim()) ?? [];
  if (hop === undefined || seconds === undefined || mac === undefined) return null;
  const wanted = macOf(Number(hop), Number(seconds), stamped);
  const given = Buffer.from(mac, 'base64url');
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
  return { hop: Number(hop), at: Number(seconds) * 1000 };
}

/**
 * How often a mail of a connector had gone back when it was accepted, by its header as it is kept; 0: never, and its signature is still to be made.
 * Only stamps that were found good at the door are kept.
 */
export function hopIn(section: HeaderSection): number {
  const [, hop] = FORM.exec(headerValue(section, STAMP_FIELD.toLowerCase()) ?? '') ?? [];
  return Number(hop ?? 0);
}

function macOf(hop: number, seconds: number, { key, tenant, text }: Stamped): Buffer {
  // A tenant's id has no line end; the text comes last.
  return createHmac('sha256', key).update(`1\n${tenant}\n${hop}\n${seconds}\n${text}`, 'utf8').digest();
}
