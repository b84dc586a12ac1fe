/** Search without an index: the rule that every index must give the same answers as. */

/** Whether terms hold a phrase: its terms beside each other in this order, the last one by its begin. An empty phrase is in every text. */
export function holdsPhrase(terms: readonly string[], phrase: readonly string[]): boolean {
  const last = phrase.at(-1);
  if (last === undefined) return true;
  const before = phrase.slice(0, -1);
  return terms.some(
    (term, at) =>
      term.startsWith(last) && at >= before.length && before.every((each, i) => terms[at - before.length + i] === each),
  );
}
