import type { RecipientFacts } from '#/model/index.ts';
import { addressKey } from '#/model/index.ts';
import { type Hit, quoted } from '../../hits.ts';

/** Recipients outside whom this sender has never written to. `known` are the keys (`addressKey`) of those that they have. */
export function* firstTime(recipients: readonly RecipientFacts[], known: ReadonlySet<string>): Generator<Hit> {
  for (const { n, address, direction } of recipients) {
    if (direction !== 'outbound' || known.has(addressKey(address))) continue;
    const shown = quoted(address);
    yield {
      key: String(n),
      part: '',
      recipient: n,
      reason: { en: `The sender has not written to ${shown} before.`, ja: `${shown} への送信は初めてです。` },
    };
  }
}
