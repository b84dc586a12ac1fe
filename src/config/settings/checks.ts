/** `checks`: servers beside ours that inspection asks about mail. */
import { z } from 'zod';
import { closed, either, oneOf, readBy } from '#/codec/forms/index.ts';
import type { Network } from '#/model/index.ts';
import { parseNetwork } from '#/model/index.ts';
import {
  ABSENCE_POLICIES,
  type AbsencePolicy,
  CHECK_DEADLINE_MS,
  type CheckTerms,
  OWN_CHECKS,
} from '#/policy/index.ts';
import { duration } from './kinds.ts';
import type { Kind } from './setting.ts';

const CHECK_KINDS = ['clamd', 'rspamd', 'milter', 'http'] as const;

/** One of them. */
export interface CheckSetting {
  /** As rules name it. */
  readonly name: string;
  readonly kind: (typeof CHECK_KINDS)[number];
  /** A name or a literal address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly deadlineMs: number;
  readonly absence: AbsencePolicy;
  /** Of a milter: whether mail is clean that it accepts before it has heard a line of it. */
  readonly acceptsEarly: boolean;
  /** Of a program by HTTP; else null. */
  readonly http: HttpCheck | null;
}

/** How a program is asked by HTTP. */
export interface HttpCheck {
  readonly tls: boolean;
  /** Path and query. */
  readonly path: string;
  readonly send: 'facts' | 'mail';
  readonly secret: string;
  /** Where its name may lead beside public addresses. */
  readonly networks: readonly Network[];
}

// What a mail may take in all is a minute: reading it, this, and a second look whether the server is there.
const deadline = duration('100ms', '45s').schema;

const name = readBy(
  (raw) => (/^[a-z][a-z0-9-]{0,31}$/.test(raw) ? raw : null),
  'name of a check',
  'write small letters, digits and hyphens, such as clamav',
);
const address = readBy(readAddress, 'address', 'write it as 127.0.0.1:3310, [::1]:3310 or clamd.example.test:3310');

function readAddress(raw: string): { readonly host: string; readonly port: number } | null {
  const [, six, name, digits] = /^(?:\[([\da-fA-F:.]{2,45})\]|([\w.-]{1,253})):(\d{1,5})$/.exec(raw) ?? [];
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? { host: (six ?? name ?? '').toLowerCase(), port } : null;
}

const url = readBy(
  readUrl,
  'URL of a program',
  'write it as https://dlp.example.test/check; http:// is for hosts of yours that nobody listens to',
);

function readUrl(raw: string): URL | null {
  const read = URL.parse(raw);
  const isUsual = read !== null && ['http:', 'https:'].includes(read.protocol) && read.hostname !== '';
  return isUsual && read.username === '' && read.password === '' && read.hash === '' ? read : null;
}

const network = readBy(parseNetwork, 'network', 'write it as 192.0.2.0/24 or 2001:db8::/32');

const SECRET_CHARS = { min: 16, max: 1_000 } as const;
const secret = readBy(
  (raw) => (raw.length >= SECRET_CHARS.min && raw.length <= SECRET_CHARS.max ? raw : null),
  'secret for signatures',
  `write { env: NAME } or { file: PATH } of at least ${SECRET_CHARS.min} random characters`,
);

const about = {
  name,
  deadline: deadline.optional(),
  absence: oneOf(...ABSENCE_POLICIES).optional(),
};
const byAddress = closed({ ...about, kind: oneOf(...CHECK_KINDS), address }).transform(
  (raw): CheckSetting => ({ ...common(raw), kind: raw.kind, ...raw.address, http: null }),
);
const ofMilter = closed({
  ...about,
  kind: oneOf('milter'),
  address,
  acceptsEarly: z.boolean().optional(),
}).transform(
  (raw): CheckSetting => ({
    ...common(raw),
    kind: raw.kind,
    ...raw.address,
    acceptsEarly: raw.acceptsEarly ?? false,
    http: null,
  }),
);
const byUrl = closed({
  ...about,
  kind: oneOf(...CHECK_KINDS),
  url,
  send: oneOf('facts', 'mail').optional(),
  secret,
  networks: z.array(network).optional(),
}).transform((raw): CheckSetting => {
  const tls = raw.url.protocol === 'https:';
  const port = raw.url.port === '' ? (tls ? HTTPS_PORT : HTTP_PORT) : Number(raw.url.port);
  const http = { tls, path: raw.url.pathname + raw.url.search, send: raw.send ?? 'facts', secret: raw.secret };
  const host = raw.url.hostname.replace(/^\[|\]$/g, '');
  return { ...common(raw), kind: raw.kind, host, port, http: { ...http, networks: raw.networks ?? [] } };
});
const check = either<CheckSetting>((raw) => {
  const kind = isRecord(raw) ? raw.kind : null;
  return kind === 'http' ? byUrl : kind === 'milter' ? ofMilter : byAddress;
});

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

function common(raw: {
  readonly name: string;
  readonly deadline?: number | undefined;
  readonly absence?: AbsencePolicy | undefined;
}) {
  return {
    name: raw.name,
    deadlineMs: raw.deadline ?? CHECK_DEADLINE_MS,
    absence: raw.absence ?? 'hold',
    acceptsEarly: false,
  };
}

function isRecord(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null;
}

/** What is said of one check: `{ absence: defer, deadline: 2s }`. */
export const checkTerms: z.ZodType<CheckTerms> = closed({
  absence: oneOf(...ABSENCE_POLICIES).optional(),
  deadline: deadline.optional(),
}).transform(({ absence, deadline: deadlineMs }) => ({ absence, deadlineMs }));

/** Of checks of ours, by their names. */
export const ownChecks: Kind<Readonly<Record<string, CheckTerms>>> = {
  type: `map of ${OWN_CHECKS.join(', ')} to { absence, deadline }`,
  unit: null,
  range: `absence: ${ABSENCE_POLICIES.join(', ')}; deadline: 100ms to 45s`,
  schema: closed(Object.fromEntries(OWN_CHECKS.map((own) => [own, checkTerms.optional()]))).transform(
    (raw) =>
      Object.fromEntries(Object.entries(raw).filter(([, terms]) => terms !== undefined)) as Record<string, CheckTerms>,
  ),
  env: 'none',
};

/** Servers that rules may ask. */
export const checks: Kind<CheckSetting[]> = {
  type: 'list of checks',
  unit: null,
  range: null,
  schema: z.array(check).superRefine((all, context) => {
    const seen = new Set<string>();
    for (const [i, one] of all.entries()) {
      const params = { remedy: 'give each its own name' };
      if (seen.has(one.name))
        context.addIssue({ code: 'custom', path: [i, 'name'], message: `There are two checks ${one.name}.`, params });
      seen.add(one.name);
    }
  }),
  env: 'none',
};
