/** What administrators do with keys of domains (ports/operation.ts). */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { formatKeyRecord, parseKeyRecord } from '#/codec/dkim/index.ts';
import { domainToAscii, parseDomain } from '#/codec/smtp/index.ts';
import { type Call, type Domain, SYSTEM_TENANT, type TenantId, within } from '#/model/index.ts';
import {
  type Clock,
  type DirectorySource,
  type DomainKey,
  type DomainKeyAlgorithm,
  type DomainKeys,
  type Operation,
  operation,
  Refusal,
  type Resolver,
} from '#/ports/index.ts';
import { type KeySeal, sealName } from './key-book.ts';
import { effectiveAfterMs, keysPerDomainMax, recordAskedMs, rsaBits } from './limits.ts';

const makePair = promisify(generateKeyPair);

export interface KeyOperationParts {
  readonly keys: DomainKeys;
  readonly seal: () => KeySeal;
  readonly directory: DirectorySource;
  readonly resolver: Pick<Resolver, 'texts'>;
  readonly clock: Pick<Clock, 'now'>;
  /** This host's name, for which reports and notices are signed. */
  readonly hostname: Domain;
}

const ALGORITHMS: Readonly<Record<'rsa' | 'ed25519', DomainKeyAlgorithm>> = {
  rsa: 'rsa-sha256',
  ed25519: 'ed25519-sha256',
};
const named = {
  domain: z.string().min(1).max(255),
  selector: z
    .string()
    .max(63)
    .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, 'letters, figures and hyphens'),
  tenant: z.string().optional(),
};
const shownKey = z.object({
  domain: z.string(),
  selector: z.string(),
  algorithm: z.enum(['rsa', 'ed25519']),
  state: z.enum(['waiting', 'active', 'retired']),
  /** The record to publish. */
  name: z.string(),
  record: z.string(),
  madeAt: z.string(),
  activeAt: z.string().nullable(),
  retiredAt: z.string().nullable(),
});

/** All operations on keys. */
export function keyOperations(parts: KeyOperationParts): readonly Operation[] {
  return [make(parts), list(parts), use(parts), retire(parts), remove(parts)];
}

/** The records of keys that sign, or are to: what `dns show` prints. Of retired ones too, for mail that is on its way. */
export async function keyRecordsOf(
  domain: Domain,
  tenant: TenantId,
  keys: Pick<DomainKeys, 'list'>,
  call: Call,
): Promise<readonly { readonly name: string; readonly value: string; readonly isNeeded: boolean }[]> {
  const all = await keys.list(tenant, call);
  return all
    .filter((key) => key.domain === domain)
    .map((key) => ({
      name: recordName(key),
      value: key.record,
      isNeeded: key.activeAt !== null && key.retiredAt === null,
    }));
}

function make(parts: KeyOperationParts): Operation {
  return operation({
    name: 'dkim.new',
    summary: 'Makes a key that is to sign mail of a domain, and says which record to publish for it.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({
      ...named,
      selector: named.selector.optional(),
      algorithm: z.enum(['rsa', 'ed25519']).default('rsa'),
    }),
    output: shownKey,
    subject: ({ domain, algorithm }) => `${domain} ${algorithm}`,
    async handle({ domain: text, tenant: asked, selector: wanted, algorithm }, { call }) {
      const { domain, tenant } = ownerOf(text, asked, parts);
      const there = (await parts.keys.list(tenant, call)).filter((key) => key.domain === domain);
      if (there.length >= keysPerDomainMax)
        throw new Refusal(
          1,
          `${domain} has ${there.length} keys. Remove old ones first: holdfast dkim remove ${domain} SELECTOR.`,
        );
      const now = parts.clock.now();
      const selector = wanted ?? freeSelector(algorithm, now, new Set(there.map((key) => key.selector)));
      const pair = await (algorithm === 'rsa' ? makePair('rsa', { modulusLength: rsaBits }) : makePair('ed25519', {}));
      const name = { tenant, domain, selector };
      const octets = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
      const key: DomainKey = {
        ...name,
        algorithm: ALGORITHMS[algorithm],
        record: formatKeyRecord(pair.publicKey),
        sealed: parts.seal().seal(sealName(name), octets),
        ...{ madeAt: now, activeAt: null, retiredAt: null },
      };
      octets.fill(0);
      if (!(await parts.keys.add(key, call)))
        throw new Refusal(1, `${domain} has a key ${selector} already. Choose another selector.`);
      return shown(key, now);
    },
  });
}

function list(parts: KeyOperationParts): Operation {
  return operation({
    name: 'dkim.list',
    summary: 'Keys of a domain: which sign, since when, and which wait for their record.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ domain: named.domain, tenant: named.tenant }),
    output: z.array(shownKey),
    async handle({ domain: text, tenant: asked }, { call }) {
      const { domain, tenant } = ownerOf(text, asked, parts);
      const now = parts.clock.now();
      return (await parts.keys.list(tenant, call)).filter((key) => key.domain === domain).map((key) => shown(key, now));
    },
  });
}

function use(parts: KeyOperationParts): Operation {
  return operation({
    name: 'dkim.use',
    summary: 'Lets a key sign, once its record is seen in DNS; the one before it ends in the same moment.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({ ...named, unchecked: z.boolean().default(false) }),
    output: shownKey,
    subject: ({ domain, selector, unchecked }) => `${domain} ${selector}${unchecked ? ' unchecked' : ''}`,
    async handle({ domain: text, tenant: asked, selector, unchecked }, { call }) {
      const key = await existing({ text, asked, selector }, parts, call);
      if (!unchecked) await seen(key, parts, call);
      if (!(await parts.keys.use(key, parts.clock.now() + effectiveAfterMs, call)))
        throw new Refusal(
          1,
          `The key ${selector} signs already, or did so once. Make a new one: holdfast dkim new ${key.domain}.`,
        );
      return shown(await existing({ text, asked, selector }, parts, call), parts.clock.now());
    },
  });
}

function retire(parts: KeyOperationParts): Operation {
  return operation({
    name: 'dkim.retire',
    summary: 'Lets a key sign nothing that comes from now on. Mail on its way still needs its record.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject(named),
    output: shownKey,
    subject: ({ domain, selector }) => `${domain} ${selector}`,
    async handle({ domain: text, tenant: asked, selector }, { call }) {
      const key = await existing({ text, asked, selector }, parts, call);
      if (!(await parts.keys.retire(key, parts.clock.now() + effectiveAfterMs, call)))
        throw new Refusal(1, `The key ${selector} of ${key.domain} does not sign.`);
      return shown(await existing({ text, asked, selector }, parts, call), parts.clock.now());
    },
  });
}

function remove(parts: KeyOperationParts): Operation {
  return operation({
    name: 'dkim.remove',
    summary: 'Destroys a key that does not sign.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject(named),
    output: z.object({ removed: z.boolean() }),
    subject: ({ domain, selector }) => `${domain} ${selector}`,
    async handle({ domain: text, tenant: asked, selector }, { call }) {
      const key = await existing({ text, asked, selector }, parts, call);
      if (!(await parts.keys.remove(key, parts.clock.now(), call)))
        throw new Refusal(
          1,
          `The key ${selector} of ${key.domain} signs. Retire it first: holdfast dkim retire ${key.domain} ${selector}.`,
        );
      return { removed: true };
    },
  });
}

/** Whose domain it is: a tenant's, or this host's name, which is the operator's alone. */
function ownerOf(
  text: string,
  asked: string | undefined,
  { directory, hostname }: Pick<KeyOperationParts, 'directory' | 'hostname'>,
): { readonly domain: Domain; readonly tenant: TenantId } {
  const domain = parseDomain(text);
  const owner = directory.current().tenants.find(({ domains }) => domains.some(({ name }) => name === domain));
  if (domain !== null && owner !== undefined && (asked === undefined || owner.id === asked))
    return { domain, tenant: owner.id };
  if (domain !== null && domain === hostname && asked === undefined) return { domain, tenant: SYSTEM_TENANT };
  throw new Refusal(
    1,
    `${text} is no domain of this installation. "holdfast export" names them; add it with "holdfast apply".`,
  );
}

async function existing(
  { text, asked, selector }: { readonly text: string; readonly asked: string | undefined; readonly selector: string },
  parts: KeyOperationParts,
  call: Call,
): Promise<DomainKey> {
  const { domain, tenant } = ownerOf(text, asked, parts);
  const found = (await parts.keys.list(tenant, call)).find((key) => key.domain === domain && key.selector === selector);
  if (found === undefined)
    throw new Refusal(1, `${domain} has no key ${selector}. "holdfast dkim list ${domain}" shows what it has.`);
  return found;
}

/** A key whose record nobody can see makes each of its signatures a failure. */
async function seen(key: DomainKey, { resolver }: KeyOperationParts, call: Call): Promise<void> {
  const name = recordName(key);
  const remedy = `Publish it ("holdfast dns show ${key.domain}" prints it), or say --unchecked if you know that it is there.`;
  const texts = await resolver.texts(name, within(recordAskedMs, call.signal)).catch(() => {
    throw new Refusal(
      1,
      `DNS did not answer for ${name}. Try again, or say --unchecked if you know that the record is there.`,
    );
  });
  if (texts.length === 0) throw new Refusal(1, `There is no record at ${name}. ${remedy}`);
  const wanted = parseKeyRecord(key.record);
  const isThere = texts.some((one) => {
    const found = parseKeyRecord(one);
    return found.kind === 'key' && wanted.kind === 'key' && found.record.key.equals(wanted.record.key);
  });
  if (!isThere) throw new Refusal(1, `The record at ${name} has another key. ${remedy}`);
}

function recordName({ selector, domain }: Pick<DomainKey, 'selector' | 'domain'>): string {
  return `${selector}._domainkey.${domainToAscii(domain)}`;
}

/** The day and the kind, so that one sees which is older; a letter where there is one of that day. */
function freeSelector(algorithm: 'rsa' | 'ed25519', now: number, taken: ReadonlySet<string>): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  const base = `hf${day}${algorithm === 'rsa' ? 'r' : 'e'}`;
  const free = ['', ...Array.from({ length: keysPerDomainMax }, (_, i) => String(i + 2))].find(
    (end) => !taken.has(base + end),
  );
  return base + (free ?? '');
}

function shown(key: DomainKey, now: number): z.input<typeof shownKey> {
  const { domain, selector, record, activeAt, retiredAt } = key;
  const ended = retiredAt !== null && retiredAt <= now;
  return {
    ...{ domain, selector, record, name: recordName(key) },
    algorithm: key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519',
    state: ended ? 'retired' : activeAt === null ? 'waiting' : 'active',
    ...{
      madeAt: isoOf(key.madeAt),
      activeAt: activeAt === null ? null : isoOf(activeAt),
      retiredAt: retiredAt === null ? null : isoOf(retiredAt),
    },
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
