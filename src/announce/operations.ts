/** What administrators ask of it (ports/operation.ts). */
import { z } from 'zod';
import { parseDomain } from '#/codec/smtp/index.ts';
import type { Call, Domain, TenantId } from '#/model/index.ts';
import { type DirectorySource, type Operation, operation, Refusal } from '#/ports/index.ts';
import { type CheckParts, checkRecords } from './dns-check.ts';
import { type DnsRecord, dnsRecordsOf } from './dns-records.ts';
import type { MailServices } from './services.ts';

export interface OperationParts extends CheckParts {
  readonly directory: DirectorySource;
  readonly services: MailServices;
  /** Records of the keys that sign for a domain, are to, or did. */
  readonly keyRecords: (
    domain: Domain,
    tenant: TenantId,
    call: Call,
  ) => Promise<readonly { readonly name: string; readonly value: string; readonly isNeeded: boolean }[]>;
}

/** All operations of this room. */
export function announceOperations(parts: OperationParts): readonly Operation[] {
  return [show(parts), check(parts)];
}

const asked = z.strictObject({ domain: z.string().min(1).max(255), tenant: z.string().optional() });
const shownRecord = z.object({
  name: z.string(),
  type: z.enum(['MX', 'SRV', 'CNAME', 'TXT']),
  value: z.string(),
  about: z.string(),
});

function show(parts: OperationParts): Operation {
  return operation({
    name: 'dns.show',
    summary: 'The DNS records to publish for a domain, so that mail and mail programs find this installation.',
    scope: 'tenant',
    reads: true,
    input: asked,
    output: z.array(shownRecord),
    handle: async (input, { call }) => [...(await recordsOf(input, parts, call))],
  });
}

function check(parts: OperationParts): Operation {
  return operation({
    name: 'dns.check',
    summary: 'Compares with DNS what other mail servers ask of a domain: MX, SPF, keys (DKIM) and DMARC.',
    scope: 'tenant',
    reads: true,
    input: asked,
    output: z.array(
      shownRecord.extend({
        state: z.enum(['right', 'differs', 'wrong', 'missing', 'unknown']),
        found: z.array(z.string()),
      }),
    ),
    async handle(input, { call }) {
      const checked = await checkRecords(await recordsOf(input, parts, call), parts, call);
      return checked.map((one) => ({ ...one, found: [...one.found] }));
    },
  });
}

async function recordsOf(
  { domain: text, tenant }: z.output<typeof asked>,
  { directory, services, keyRecords }: OperationParts,
  call: Call,
): Promise<readonly DnsRecord[]> {
  const wanted = parseDomain(text);
  const owner = directory.current().tenants.find(({ domains }) => domains.some(({ name }) => name === wanted));
  if (wanted === null || owner === undefined || (tenant !== undefined && owner.id !== tenant))
    throw new Refusal(
      1,
      `${text} is no domain of this installation. "holdfast export" names them; add it with "holdfast apply".`,
    );
  const keys = (await keyRecords(wanted, owner.id, call)).map(({ name, value, isNeeded }): DnsRecord => {
    const about = isNeeded
      ? 'The key that its mail is signed with (DKIM).'
      : 'A key that is to sign, or did: needed until "holdfast dkim list" shows another one that signs, and two weeks more.';
    return { name, type: 'TXT', value, about };
  });
  return [...dnsRecordsOf(wanted, services), ...keys];
}
