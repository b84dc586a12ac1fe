import type { RecipientFacts, Wording } from '#/model/index.ts';
import { addressKey } from '#/model/index.ts';
import { type Hit, quoted } from '../../hits.ts';

/** Keys (`addressKey`) of those of a mail's recipients who were written to before: by its sender, and by anybody of the tenant. */
export interface KnownRecipients {
  readonly bySender: ReadonlySet<string>;
  readonly byTenant: ReadonlySet<string>;
}

/** Recipients outside whom nobody of those has written to: the sender, or the whole tenant. */
export function* firstTime(
  recipients: readonly RecipientFacts[],
  known: KnownRecipients,
  whose: 'sender' | 'tenant',
): Generator<Hit> {
  const keys = whose === 'sender' ? known.bySender : known.byTenant;
  for (const { n, address, direction } of recipients) {
    if (direction !== 'outbound' || keys.has(addressKey(address))) continue;
    yield { key: String(n), part: '', recipient: n, reason: REASONS[whose](quoted(address)) };
  }
}

const REASONS: Readonly<Record<'sender' | 'tenant', (shown: string) => Wording>> = {
  sender: (shown) => ({
    en: `The sender has not written to ${shown} before.`,
    ja: `${shown} への送信は初めてです。`,
  }),
  tenant: (shown) => ({
    en: `Nobody here has written to ${shown} before.`,
    ja: `${shown} への送信は社内で初めてです。`,
  }),
};
