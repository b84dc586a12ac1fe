import { type Hit, quoted } from '../../hits.ts';
import type { TextOfMail } from '../../text/index.ts';

const LOCAL = /[A-Za-z0-9._%+'-]/;
const DOMAIN = /[A-Za-z0-9.-]/;
// RFC 5321 §4.5.3.1.1 and §4.5.3.1.2.
const LOCAL_CHARS_MAX = 64;
const DOMAIN_CHARS_MAX = 255;

/** Mail addresses, each once. Read outwards from each @, so that no text takes longer than its length. */
export function* mailList(texts: readonly TextOfMail[]): Generator<Hit> {
  for (const { part, plain } of texts) {
    for (let at = plain.indexOf('@'); at !== -1; at = plain.indexOf('@', at + 1)) {
      const address = addressAt(plain, at);
      if (address === null) continue;
      const reason = {
        en: `The address ${quoted(address)} stands in it.`,
        ja: `メールアドレス ${quoted(address)} があります。`,
      };
      yield {
        key: address.toLowerCase(),
        part,
        at: { from: at - address.indexOf('@'), to: at - address.indexOf('@') + address.length },
        reason,
      };
    }
  }
}

function addressAt(text: string, at: number): string | null {
  let from = at;
  while (at - from < LOCAL_CHARS_MAX && LOCAL.test(text[from - 1] ?? '')) from--;
  let to = at + 1;
  while (to - at <= DOMAIN_CHARS_MAX && DOMAIN.test(text[to] ?? '')) to++;
  const local = text.slice(from, at).replace(/^[.'-]+/, '');
  const domain = text.slice(at + 1, to).replace(/[.-]+$/, '');
  return local === '' || !/^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z][A-Za-z0-9-]+$/.test(domain)
    ? null
    : `${local}@${domain}`;
}
