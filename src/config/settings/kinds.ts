/** The kinds of values that settings have. A wrong value is answered with what to write instead. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { formatDuration, formatSize, parseDuration, parseSize, readBy, show } from '#/codec/forms/index.ts';
import { parseDomain, parseMailAddress } from '#/codec/smtp/index.ts';
import type { Domain, MailAddress } from '#/model/index.ts';
import { formatNetwork, parseNetwork } from '#/model/index.ts';
import type { Kind } from './setting.ts';

/** Milliseconds, written with a unit. */
export function duration(least: string, most: string): Kind<number> {
  const [min, max] = [parseDuration(least) ?? 0, parseDuration(most) ?? 0];
  const range = `${least} to ${most}`;
  const schema = readBy(parseDuration, 'duration', 'write a number and its unit, such as 90s, 15m, 4h or 5d');
  const schemaInRange = schema.refine((ms) => ms >= min && ms <= max, {
    error: ({ input }) => `${formatDuration(Number(input))} is out of range.`,
    params: { remedy: `choose ${range}` },
  });
  return { type: 'duration', unit: 'ms, s, m, h, d', range, schema: schemaInRange, env: 'scalar' };
}

/** Octets, written with a unit. */
export function size(least: string, most: string): Kind<number> {
  const [min, max] = [parseSize(least) ?? 0, parseSize(most) ?? 0];
  const range = `${least} to ${most}`;
  const schema = readBy(parseSize, 'size', 'write a number and its unit, such as 50MB or 512KiB').refine(
    (bytes) => bytes >= min && bytes <= max,
    { error: ({ input }) => `${formatSize(Number(input))} is out of range.`, params: { remedy: `choose ${range}` } },
  );
  return { type: 'size', unit: 'B, kB, MB, GB, KiB, MiB, GiB', range, schema, env: 'scalar' };
}

/** A number between two bounds; whole unless `fraction`. */
export function amount(min: number, max: number, unit: string, fraction = false): Kind<number> {
  const range = `${min} to ${max}`;
  const schema = z.unknown().transform((raw, context) => {
    const value = typeof raw === 'string' && /^\d+(\.\d+)?$/.test(raw) ? Number(raw) : raw;
    if (typeof value === 'number' && value >= min && value <= max && (fraction || Number.isInteger(value)))
      return value;
    const message = `${show(raw)} is no ${fraction ? '' : 'whole '}number in range.`;
    context.addIssue({ code: 'custom', message, params: { remedy: `choose ${range}` } });
    return z.NEVER;
  });
  return { type: 'number', unit, range, schema, env: 'scalar' };
}

/** `on` and `off`, or `true` and `false`. */
export const onOff: Kind<boolean> = {
  type: 'on or off',
  unit: null,
  range: 'on, off, true, false',
  schema: z.unknown().transform((raw, context) => {
    if (raw === true || raw === 'on' || raw === 'true') return true;
    if (raw === false || raw === 'off' || raw === 'false') return false;
    context.addIssue({
      code: 'custom',
      message: `${show(raw)} is neither on nor off.`,
      params: { remedy: 'write on or off' },
    });
    return z.NEVER;
  }),
  env: 'scalar',
};

/** Any text that is not empty. */
export const text: Kind<string> = {
  type: 'text',
  unit: null,
  range: null,
  schema: readBy((raw) => (raw.trim() === '' ? null : raw), 'text', 'write a text'),
  env: 'scalar',
};

/** A name that stands in ids: small letters, digits and hyphens. */
export const word: Kind<string> = {
  ...text,
  type: 'name',
  schema: readBy(
    (raw) => (/^[a-z][a-z0-9-]{0,31}$/.test(raw) ? raw : null),
    'name',
    'write small letters, digits and hyphens, such as tokyo',
  ),
};

/** Where something is sent to; it may hold a secret. */
export const webhook: Kind<string> = {
  ...text,
  type: 'URL',
  isSecret: true,
  schema: readBy(
    (raw) => (/^https?:\/\/[^/\s]+/i.test(raw) && URL.canParse(raw) ? raw : null),
    'URL',
    'write it as https://pager.example.test/hook, or { env: NAME }',
  ),
};

/** Any text that no one may be shown. */
export const secretText: Kind<string> = { ...text, type: 'secret', isSecret: true };

/** A host name, in lower case. */
export const hostName: Kind<Domain> = {
  ...text,
  type: 'host name',
  schema: readBy(
    (raw) => (raw.startsWith('[') || isIP(raw) !== 0 ? null : parseDomain(raw)),
    'host name',
    'write a name such as mx.example.test',
  ),
};

/** A mail address. */
export const mailAddress: z.ZodType<MailAddress> = readBy(parseMailAddress, 'mail address', 'write it as name@domain');

/** A file or folder. */
export const path: Kind<string> = { ...text, type: 'path', isPath: true };

/** The begin of links in mail. */
export const httpUrl: Kind<string> = {
  ...text,
  type: 'URL',
  schema: readBy(readHttpUrl, 'URL', 'write it as https://mail.example.test'),
};

function readHttpUrl(raw: string): string | null {
  const url = URL.canParse(raw) ? new URL(raw) : null;
  const plain = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
  return plain && url.username === '' ? url.href.replace(/\/$/, '') : null;
}

/** A list whose items are read one by one, so that each bad one is named. */
export function listOf<Value>(item: Kind<Value>): Kind<Value[]> {
  return {
    type: `list of ${item.type}s`,
    unit: item.unit,
    range: item.range,
    schema: z.array(item.schema),
    env: 'list',
  };
}

/** A network in CIDR form, in its one spelling. */
export const network: Kind<string> = {
  ...text,
  type: 'network',
  schema: readBy(
    (raw) => {
      const parsed = parseNetwork(raw);
      return parsed === null ? null : formatNetwork(parsed);
    },
    'network',
    'write it as 192.0.2.0/24 or 2001:db8::/32',
  ),
};

/** An IP address. */
export const ipAddress: Kind<string> = {
  ...text,
  type: 'IP address',
  schema: readBy((raw) => (isIP(raw) === 0 ? null : raw), 'IP address', 'write an address such as 192.0.2.53'),
};

/** Where a listener listens: a literal address and port, or a socket that systemd hands over by name. */
export type ListenAt =
  | { readonly kind: 'address'; readonly host: string; readonly port: number }
  | { readonly kind: 'systemd'; readonly name: string };

/** An address and port, or a systemd socket. */
export const listenAt: Kind<ListenAt> = {
  ...text,
  type: 'address:port',
  schema: readBy(readListenAt, 'listening address', 'write it as 127.0.0.1:25, [::1]:25 or systemd:NAME'),
};

/** How a listening address is written. */
export function formatListenAt(at: ListenAt): string {
  if (at.kind === 'systemd') return `systemd:${at.name}`;
  return at.host.includes(':') ? `[${at.host}]:${at.port}` : `${at.host}:${at.port}`;
}

function readListenAt(raw: string): ListenAt | null {
  const name = /^systemd:([\w.-]{1,64})$/.exec(raw)?.[1];
  if (name !== undefined) return { kind: 'systemd', name };
  const [, six, four, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(raw) ?? [];
  const [host, port] = [six ?? four ?? '', Number(digits)];
  return isIP(host) === (six === undefined ? 4 : 6) && port <= 65_535 ? { kind: 'address', host, port } : null;
}
