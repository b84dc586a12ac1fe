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

/** Each attachment goes one way: what is taken out for good is not fetched, and what can be fetched is not packed. */
export function eachOneWay(changes: readonly Change[]): readonly Change[] {
  const taken = new Set(changes.flatMap((change) => (change.kind === 'stripAttachments' ? change.parts : [])));
  const kept = new Map<Change, readonly string[]>();
  for (const kind of ['secureLinks', 'encryptZip'] as const) {
    for (const change of changes) {
      if (change.kind !== kind) continue;
      const parts = change.parts.filter((path) => !taken.has(path));
      for (const path of parts) taken.add(path);
      kept.set(change, parts);
    }
  }
  return changes.flatMap((change): readonly Change[] => {
    const parts = kept.get(change);
    if (parts === undefined) return [change];
    return parts.length === 0 ? [] : [{ ...change, parts } as Change];
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
