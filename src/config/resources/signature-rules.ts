/** What is allowed in a tenant's signatures and still likely a mistake. */
import { suggestion } from '#/codec/forms/index.ts';
import { addressKey } from '#/model/index.ts';
import { readSignatures, type SignatureRule } from '#/signature/index.ts';
import type { Finding, Path } from '../complaint.ts';
import type { StoredTenant } from './stored.ts';

/** Where a signature stands in the file; the tenant where the file does not name it. */
interface Places {
  item(tenant: string, list: string, key: string): Path | undefined;
}

/** Warnings about the signatures that the tenant will have. */
export function* checkSignatures(tenant: StoredTenant, places: Places): Generator<Finding> {
  const rules = readSignatures(tenant.signatures);
  const [groups, relays] = [tenant.groups, tenant.relays].map((list) => list.map(({ name }) => name));
  for (const [i, rule] of rules.entries()) {
    const path = places.item(tenant.id, 'signatures', rule.name) ?? [];
    for (const [kind, name] of namesOf(rule)) {
      const known = (kind === 'group' ? groups : relays) ?? [];
      if (known.some((one) => addressKey(one) === addressKey(name))) continue;
      const message = `The signature ${rule.name} names the ${kind} ${name}, which is not there.`;
      yield { path, severity: 'warning', message, remedy: suggestion(name, known) };
    }
    const before = rules.slice(0, i).find(isForAll);
    if (before === undefined) continue;
    const message = `The signature ${rule.name} is never used: ${before.name} in front of it is for all mail.`;
    yield { path, severity: 'warning', message, remedy: `set it in front, or add continue: true to ${before.name}` };
  }
}

function isForAll({ when, unless, goOn }: SignatureRule): boolean {
  return !goOn && unless.length === 0 && Object.keys(when).length === 0;
}

function namesOf({ when, unless }: SignatureRule): readonly (readonly [kind: 'group' | 'relay', name: string])[] {
  const selectors = [when, ...unless].flatMap(({ senders = [], recipients = [] }) => [...senders, ...recipients]);
  return selectors.flatMap((one) =>
    one.kind === 'group' || one.kind === 'relay' ? [[one.kind, one.name] as const] : [],
  );
}
