/**
 * Attachments that become downloads, before a verdict that says so is handed on: the files are kept and durable, and the verdict names them. What
 * was kept for a verdict that is never written down ends by itself (ports/downloads.ts).
 */
import type { Call, Change, MailInCustody, RecipientFacts, Tenant, Verdict } from '#/model/index.ts';
import type { ShareMaker } from '#/ports/index.ts';
import { cutFiles } from './changes/index.ts';

type Links = Extract<Change, { kind: 'secureLinks' }>;

export interface SharedMail {
  readonly mail: MailInCustody;
  readonly content: Buffer;
  readonly language: Tenant['language'];
}

/** A file that is taken out for good is not among those that can be fetched. */
export function withoutStripped(changes: readonly Change[]): readonly Change[] {
  const stripped = new Set(changes.flatMap((change) => (change.kind === 'stripAttachments' ? change.parts : [])));
  return changes.flatMap((change): readonly Change[] => {
    if (change.kind !== 'secureLinks') return [change];
    const parts = change.parts.filter((path) => !stripped.has(path));
    return parts.length === 0 ? [] : [{ ...change, parts }];
  });
}

/** As they will look when their files are kept: to see whether the mail can be made, before anything is kept. */
export function asIfShared(changes: readonly Change[], { content, language }: SharedMail): readonly Change[] {
  return changes.map((change) => {
    if (change.kind !== 'secureLinks') return change;
    const files = cutFiles(content, change.parts).map(({ name, octets }) => ({
      name: name ?? '',
      bytes: octets.length,
    }));
    return { ...change, share: { id: '' as NonNullable<Links['share']>['id'], base: '', language, files } };
  });
}

/** The changes with their files kept, a link for each of these recipients; or why they can't be. */
export async function shared(
  { changes, version }: Pick<Verdict, 'changes' | 'version'>,
  recipients: readonly RecipientFacts[],
  { mail, content, language }: SharedMail,
  maker: ShareMaker,
  call: Call,
): Promise<readonly Change[] | 'full' | 'revoked'> {
  const made: Change[] = [];
  for (const change of changes) {
    if (change.kind !== 'secureLinks') {
      made.push(change);
      continue;
    }
    const files = cutFiles(content, change.parts);
    const asked = recipients.map(({ n, address }) => ({ n, address, version }));
    const share = await maker.make({ mail, change, language, files, recipients: asked }, call);
    if (share === 'full' || share === 'revoked') return share;
    made.push({ ...change, share });
  }
  return made;
}
