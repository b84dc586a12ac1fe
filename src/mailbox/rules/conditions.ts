/** Whether a rule speaks of a mail. Pure, and of a cost that is bounded by the sizes of both. */
import { domainOf, type MailAddress } from '#/model/index.ts';
import type { AddressTest, Rule, TextTest, When } from './document.ts';
import { type AddressField, folded, type NamedAddress, type RuleFacts } from './facts.ts';

/** A rule without conditions speaks of every mail. */
export function matches({ when, match }: Pick<Rule, 'when' | 'match'>, facts: RuleFacts): boolean {
  const answers = answersOf(when, facts);
  if (match === 'any') return answers.some((holds) => holds()) || answers.length === 0;
  return answers.every((holds) => holds());
}

function answersOf(when: When, facts: RuleFacts): readonly (() => boolean)[] {
  const { subject, sender, larger, smaller, attachment, direct } = when;
  const fields = (['from', 'to', 'cc'] as const).map((field) => inField(field, when[field], facts));
  const headers = Object.entries(when.header ?? {}).map(([name, test]) => inTexts(test, () => facts.texts(name)));
  return [
    ...fields,
    ...headers,
    subject && inTexts(subject, () => facts.texts('subject')),
    sender && (() => holds(sender, senderOf(facts))),
    larger !== undefined && (() => facts.size > larger),
    smaller !== undefined && (() => facts.size < smaller),
    attachment !== undefined && (() => facts.message.hasAttachment === attachment),
    direct !== undefined && (() => facts.isAddressed(['to', 'cc', 'bcc']) === direct),
  ].filter((answer) => typeof answer === 'function');
}

function inField(field: AddressField, test: AddressTest | undefined, facts: RuleFacts) {
  return test && (() => holds(test, facts.addresses(field)));
}

function inTexts(test: TextTest, texts: () => readonly string[]): () => boolean {
  return () => {
    const found = texts().some((text) => isOneOf(test.is, text) || containsOne(test.contains, text));
    return found !== test.not;
  };
}

/** Of several ways to find an address one is enough. */
function holds(test: AddressTest, addresses: readonly NamedAddress[]): boolean {
  const found = addresses.some(
    ({ address, shown }) =>
      isOneOf(test.is, address) ||
      containsOne(test.contains, shown) ||
      (test.domain?.includes(domainOf(address as MailAddress)) ?? false),
  );
  return found !== test.not;
}

function senderOf({ sender }: RuleFacts): readonly NamedAddress[] {
  const address = folded(sender ?? '');
  return [{ address, shown: address }];
}

function isOneOf(words: readonly string[] | undefined, text: string): boolean {
  return words?.some((word) => folded(word) === text) ?? false;
}

function containsOne(words: readonly string[] | undefined, text: string): boolean {
  return words?.some((word) => text.includes(folded(word))) ?? false;
}
