/** Where detectors find something in texts. They look at all texts of a mail at once: what one says may count for another. */
import { DETECTORS } from '../detectors.ts';
import { TextOfMail } from '../text/index.ts';

export interface Span {
  /** Which of the texts. */
  readonly view: number;
  readonly from: number;
  readonly to: number;
}

/** `texts` are folded already (`TextOfMail.plain`). */
export function* spansIn(texts: readonly string[], detectors: ReadonlySet<string>): Generator<Span> {
  const looked = texts.map((text, i) => new TextOfMail(String(i), 'body', text));
  for (const [name, detect] of Object.entries(DETECTORS)) {
    if (!detectors.has(name)) continue;
    for (const { part, at } of detect(looked)) {
      if (at !== undefined) yield { view: Number(part), from: at.from, to: at.to };
    }
  }
}
