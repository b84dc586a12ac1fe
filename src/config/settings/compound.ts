/** Settings whose value is a small structure of its own: roles, routes, operators. */
import { z } from 'zod';
import { closed, either, oneOf, readBy } from '#/codec/forms/index.ts';
import type { MailAddress } from '#/model/index.ts';
import { type RuleText, ruleTexts } from '#/policy/index.ts';
import { blobsPlace } from './blobs-place.ts';
import { amount, ipAddress, mailAddress, onOff, text } from './kinds.ts';
import type { Kind } from './setting.ts';
import { absoluteStore, storePlace } from './store-place.ts';

/** Every role of the product, built or not (design 3). */
export const ROLES = ['gate', 'deliver', 'inspect', 'mail', 'web', 'janitor'] as const;

export type Role = (typeof ROLES)[number];

/** Roles that this release runs; the others are accepted and named once at start. */
export const BUILT_ROLES: readonly Role[] = ['gate', 'inspect', 'deliver', 'mail', 'web', 'janitor'];

const role = oneOf(...ROLES);
const sharing = z.array(role);

const rolesOfProcess = either<Role[]>((raw) => (Array.isArray(raw) ? sharing : role.transform((one) => [one])));

/** Processes, each with the roles that share it. */
export const roles: Kind<Role[][]> = {
  type: 'list of roles',
  unit: null,
  range: ROLES.join(', '),
  schema: z.array(rolesOfProcess),
  env: 'roles',
};

/** How a route protects what it sends. */
export type RouteTls = 'none' | 'opportunistic' | 'require';

/** Where outbound mail to some domains goes. */
export interface RouteSetting {
  /** Domain names, `*.name`, or `*`. */
  readonly domains: readonly string[];
  /** The MX of the domain; else `host`. */
  readonly mx: boolean;
  readonly host: string | null;
  readonly port: number;
  readonly tls: RouteTls;
  readonly username: string | null;
  readonly password: string | null;
  readonly lmtp: boolean;
  /** The pool of addresses that its mail leaves from; null: the default one. */
  readonly pool: string | null;
}

const DOMAIN_GLOB = /^(\*|(\*\.)?[^\s*@/:]+)$/;
const domainGlob = readBy(
  (raw) => (DOMAIN_GLOB.test(raw) ? raw.toLowerCase() : null),
  'domain of a route',
  "write example.test, '*.example.test' or '*'",
);
const HOST = /^[\w.:-]{1,255}$/;
const host = readBy((raw) => (HOST.test(raw) ? raw.toLowerCase() : null), 'host', 'write a name or an address');
const port = amount(1, 65_535, 'port').schema;

const SMTP_PORT = 25;
const LMTP_PORT = 24;

const route = closed({
  domains: z.array(domainGlob).min(1),
  mx: onOff.schema.optional(),
  host: host.optional(),
  port: port.optional(),
  tls: oneOf('none', 'opportunistic', 'require').optional(),
  username: text.schema.optional(),
  password: text.schema.optional(),
  lmtp: onOff.schema.optional(),
  pool: text.schema.optional(),
}).transform((raw, context): RouteSetting => {
  for (const [key, message, remedy] of routeFaults(raw)) {
    context.addIssue({ code: 'custom', path: [key], message, params: { remedy } });
  }
  return {
    domains: raw.domains,
    mx: raw.mx ?? false,
    host: raw.host ?? null,
    port: raw.port ?? (raw.lmtp === true ? LMTP_PORT : SMTP_PORT),
    tls: raw.tls ?? 'opportunistic',
    username: raw.username ?? null,
    password: raw.password ?? null,
    lmtp: raw.lmtp ?? false,
    pool: raw.pool ?? null,
  };
});

type RawRoute = {
  mx?: boolean | undefined;
  host?: unknown;
  username?: unknown;
  password?: unknown;
  lmtp?: boolean | undefined;
};

function* routeFaults(raw: RawRoute): Generator<readonly [string, string, string]> {
  const byMx = raw.mx === true;
  if (byMx && raw.host !== undefined) yield ['host', 'A route has either mx: true or a host.', 'remove one of the two'];
  if (!byMx && raw.host === undefined) yield ['domains', 'The route leads nowhere.', 'add host and port, or mx: true'];
  if (byMx && raw.lmtp === true)
    yield ['lmtp', 'LMTP needs a host; MX hosts speak SMTP.', 'remove lmtp or name a host'];
  if (raw.username !== undefined && raw.password === undefined) {
    yield ['username', 'The route has a username without a password.', 'add password: { env: NAME }'];
  }
  if (raw.password !== undefined && raw.username === undefined) {
    yield ['password', 'The route has a password without a username.', 'add username'];
  }
}

/** Routes, first match first. */
export const routes: Kind<RouteSetting[]> = {
  type: 'list of routes',
  unit: null,
  range: null,
  schema: z.array(route),
  env: 'none',
};

/** A smarthost of somebody else, for notices about trouble. */
export type NoticesSetting = Pick<RouteSetting, 'port' | 'tls' | 'username' | 'password'> & { readonly host: string };

const SUBMISSION_PORT = 587;

/** Where notices about trouble go, past the queue. */
export const noticeWay: Kind<NoticesSetting> = {
  type: 'smarthost',
  unit: null,
  range: null,
  schema: closed({
    host,
    port: port.optional(),
    tls: oneOf('none', 'opportunistic', 'require').optional(),
    username: text.schema.optional(),
    password: text.schema.optional(),
  }).transform((raw, context): NoticesSetting => {
    for (const [key, message, remedy] of routeFaults(raw))
      context.addIssue({ code: 'custom', path: [key], message, params: { remedy } });
    const { username = null, password = null } = raw;
    return { host: raw.host, port: raw.port ?? SUBMISSION_PORT, tls: raw.tls ?? 'require', username, password };
  }),
  env: 'none',
};

/** Who runs the installation. */
export interface OperatorSetting {
  readonly address: MailAddress;
  /** For the operators' pages; nothing asks for it yet. */
  readonly password: string | null;
}

const operator = closed({ address: mailAddress, password: text.schema.optional() }).transform(
  ({ address, password }): OperatorSetting => ({ address, password: password ?? null }),
);

/** People who run the installation. */
export const operators: Kind<OperatorSetting[]> = {
  type: 'list of operators',
  unit: null,
  range: null,
  schema: z.array(operator),
  env: 'none',
};

/** An address of this machine that mail leaves from. */
export interface SourceSetting {
  readonly address: string;
  /** Our name in EHLO from there; null: `hostname`. */
  readonly hostname: string | null;
}

const POOL_NAME = /^[a-z][a-z0-9-]{0,62}$/;
const poolName = readBy(
  (raw) => (POOL_NAME.test(raw) ? raw : null),
  'name of a pool',
  'write small letters, digits and hyphens, such as bulk',
);
const source = either<SourceSetting>((raw) =>
  typeof raw === 'string'
    ? ipAddress.schema.transform((address) => ({ address, hostname: null }))
    : closed({ address: ipAddress.schema, hostname: host.optional() }).transform(({ address, hostname }) => ({
        address,
        hostname: hostname ?? null,
      })),
);

/** Pools of source addresses by name. */
export const pools: Kind<Readonly<Record<string, readonly SourceSetting[]>>> = {
  type: 'map of lists of addresses',
  unit: null,
  range: null,
  schema: z.record(poolName, z.array(source).min(1).max(64)),
  env: 'none',
};

/** One store of a cluster of cells; tenants name it by `cell`. */
export interface CellSetting {
  /** As the setting `store`. */
  readonly store: string;
  /** As the setting `blobs`. */
  readonly blobs: string | null;
}

const CELL_NAME = /^[a-z][a-z0-9-]{0,62}$/;
const cellName = readBy(
  (raw) => (CELL_NAME.test(raw) ? raw : null),
  'name of a cell',
  'write small letters, digits and hyphens, such as east',
);
const cell = closed({ store: storePlace.schema, blobs: blobsPlace.schema.optional() }).transform(
  ({ store, blobs }): CellSetting => ({ store, blobs: blobs ?? null }),
);

/** Cells by name. */
export const cells: Kind<Readonly<Record<string, CellSetting>>> = {
  type: 'map of cells',
  unit: null,
  range: null,
  schema: z.record(cellName, cell),
  env: 'none',
  isSecret: true,
  withPaths: (all, absolute) =>
    Object.fromEntries(
      Object.entries(all as Readonly<Record<string, CellSetting>>).map(([name, one]) => [
        name,
        { ...one, store: absoluteStore(one.store, absolute) },
      ]),
    ),
};

/** Rules before the tenants' own. */
export const policies: Kind<RuleText[]> = {
  type: 'list of policies',
  unit: null,
  range: null,
  schema: ruleTexts,
  env: 'none',
};
