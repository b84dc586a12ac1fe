/** Whether a rule speaks of a mail: words are folded when rules are read, and looked for in texts that are made once per mail. Pure. */
import type { AddressTest, Rule, TextTest, When } from './document.ts';
import type { RuleFacts } from './facts.ts';
import { folded, SEPARATOR, type Searched } from './mail-texts.ts';

type Condition = (facts: RuleFacts) => boolean;

/** Whether all of a rule's conditions hold, or any of them. Of the texts of a field so many characters are searched for words. */
export function conditionOf({ when, match }: Pick<Rule, 'when' | 'match'>, charsMax: number): Condition {
  const conditions = [...fieldTests(when).map((test) => fieldCondition(test, charsMax)), ...mailConditions(when)];
  // A rule without conditions speaks of every mail.
  if (match === 'any' && conditions.length > 0) return (facts) => conditions.some((holds) => holds(facts));
  return (facts) => conditions.every((holds) => holds(facts));
}

/** How often a mail's texts may have to be searched for this. */
export function searchesOf({ when }: Pick<Rule, 'when'>): number {
  return fieldTests(when).reduce((sum, { test }) => sum + (test.contains?.length ?? 0), 0);
}

interface FieldTest {
  readonly test: AddressTest | TextTest;
  readonly where: (facts: RuleFacts) => Searched;
}

function fieldTests({ from, to, cc, sender, subject, header = {} }: When): readonly FieldTest[] {
  const fields = Object.entries(header).map(([name, test]) => ({ name: name.toLowerCase(), test }));
  return [
    from && { test: from, where: ({ texts }: RuleFacts) => texts.addresses('from') },
    to && { test: to, where: ({ texts }: RuleFacts) => texts.addresses('to') },
    cc && { test: cc, where: ({ texts }: RuleFacts) => texts.addresses('cc') },
    sender && { test: sender, where: ({ senderSearched }: RuleFacts) => senderSearched },
    subject && { test: subject, where: ({ texts }: RuleFacts) => texts.field('subject') },
    ...fields.map(({ name, test }) => ({ test, where: ({ texts }: RuleFacts) => texts.field(name) })),
  ].filter((test) => test !== undefined);
}

/** Of several ways to find something one is enough. */
function fieldCondition({ test, where }: FieldTest, charsMax: number): Condition {
  const { contains = [], is = [], not } = test;
  const domains = 'domain' in test ? (test.domain ?? []) : [];
  const words = contains.map(folded).filter((word) => !word.includes(SEPARATOR));
  const wholes = is.map(folded);
  return (facts) => {
    const searched = where(facts);
    const text = searched.joined.slice(0, charsMax);
    const found =
      wholes.some((whole) => searched.whole.has(whole)) ||
      domains.some((domain) => searched.domains.has(domain)) ||
      words.some((word) => text.includes(word));
    return found !== not;
  };
}

function mailConditions({ larger, smaller, attachment, direct }: When): readonly Condition[] {
  return [
    larger !== undefined && (({ size }: RuleFacts) => size > larger),
    smaller !== undefined && (({ size }: RuleFacts) => size < smaller),
    attachment !== undefined && (({ texts }: RuleFacts) => texts.facts.hasAttachment === attachment),
    direct !== undefined && ((facts: RuleFacts) => facts.isAddressed() === direct),
  ].filter((condition) => condition !== false);
}
