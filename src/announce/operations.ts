/** What administrators ask of it (ports/operation.ts). */
import { z } from 'zod';
import { parseDomain } from '#/codec/smtp/index.ts';
import { type DirectorySource, type Operation, operation, Refusal } from '#/ports/index.ts';
import { dnsRecordsOf } from './dns-records.ts';
import type { MailServices } from './services.ts';

export interface OperationParts {
  readonly directory: DirectorySource;
  readonly services: MailServices;
}

/** All operations of this room. */
export function announceOperations(parts: OperationParts): readonly Operation[] {
  return [show(parts)];
}

function show({ directory, services }: OperationParts): Operation {
  return operation({
    name: 'dns.show',
    summary: 'The DNS records to publish for a domain, so that mail and mail programs find this installation.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ domain: z.string().min(1).max(255), tenant: z.string().optional() }),
    output: z.array(
      z.object({ name: z.string(), type: z.enum(['MX', 'SRV', 'CNAME', 'TXT']), value: z.string(), about: z.string() }),
    ),
    async handle({ domain: text, tenant }) {
      const wanted = parseDomain(text);
      const owner = directory.current().tenants.find(({ domains }) => domains.some(({ name }) => name === wanted));
      if (wanted === null || owner === undefined || (tenant !== undefined && owner.id !== tenant))
        throw new Refusal(
          1,
          `${text} is no domain of this installation. "holdfast export" names them; add it with "holdfast apply".`,
        );
      return [...dnsRecordsOf(wanted, services)];
    },
  });
}
