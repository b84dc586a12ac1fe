/** What administrators do with whole mailboxes (ports/operation.ts): each move is written down before it begins, and told what it may do. */
import { z } from 'zod';
import type { MailAddress } from '#/model/index.ts';
import { type DirectorySource, type Operation, operation, Refusal } from '#/ports/index.ts';

export interface TransferOperationParts {
  readonly directory: DirectorySource;
  readonly messageBytesMax: number;
}

const address = z.string().min(3).max(320);
const tenant = z.string().optional();
const place = z.string().min(1).max(4_096);
const account = z.object({
  tenant: z.string(),
  address: z.string(),
  quotaBytes: z.int().nullable(),
  messageBytesMax: z.int(),
});

/** `mailbox.import` and `mailbox.export`. */
export function transferOperations(parts: TransferOperationParts): readonly Operation[] {
  const bring = operation({
    name: 'mailbox.import',
    summary:
      'Writes down that mail is brought into an account from files or another server, and says what the account may take.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({ address, tenant, from: place, dryRun: z.boolean().default(false) }),
    output: account,
    subject: ({ address: whose, from, dryRun }) => (dryRun ? null : `${whose} from ${from}`),
    handle: async (input) => accountOf(input, parts),
  });
  const take = operation({
    name: 'mailbox.export',
    summary: 'Writes down that the mail of an account is copied out, where to and why; then it may be read.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({
      address,
      tenant,
      to: place,
      folder: z.string().nullable().default(null),
      reason: z.string().trim().min(1).max(200),
    }),
    output: account,
    subject: ({ address: whose, to, folder }) => [whose, folder, `to ${to}`].filter((word) => word !== null).join(' '),
    handle: async (input) => accountOf(input, parts),
  });
  return [bring, take] as readonly Operation[];
}

function accountOf(
  input: { readonly address: string; readonly tenant?: string | undefined },
  { directory, messageBytesMax }: TransferOperationParts,
): z.output<typeof account> {
  const found = directory.current().user(input.address as MailAddress);
  if (found === undefined || (input.tenant !== undefined && found.tenant.id !== input.tenant))
    throw new Refusal(1, `There is no user ${input.address}. "holdfast mailbox list" names them.`);
  const { tenant: owner, user } = found;
  return { tenant: owner.id, address: user.address, quotaBytes: user.quotaBytes, messageBytesMax };
}
