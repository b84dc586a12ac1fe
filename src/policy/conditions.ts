/** Whether a condition holds for a recipient of a mail. Conditions about the whole message are looked at once; those about a recipient for each. */
import type { RecipientFacts, Unread } from '#/model/index.ts';
import { type Ask, checksOf, isAboutRecipients } from './asks.ts';
import { allOf, except, type Match, NO, oneOf, yes } from './match.ts';
import { causeOfAsk, causeOfCount, causeOfSize, causeOfUnread } from './phrases.ts';
import { isWithin } from './range.ts';
import type { Condition, Rule, Selector } from './rule.ts';
import type { Scene } from './scene.ts';
import { isAddressOf, isSender, type Side } from './selectors.ts';

/** Looks at the rules of one set with the eyes of one mail. */
export class Matcher {
  readonly #scene: Scene;
  readonly #whole: Readonly<Record<Side, Map<Condition, Match>>> = { when: new Map(), unless: new Map() };

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /**
   * Whether a rule holds for a recipient. `side` is `unless` for rules that let mail go: such a rule is an exception to all behind it, so what
   * could not be read must not make it hold.
   */
  rule(rule: Rule, recipient: RecipientFacts, side: Side = 'when'): Match {
    const other = side === 'when' ? 'unless' : 'when';
    const match = allOf(rule.when, (condition) => this.#condition(condition, recipient, side));
    if (match.is === 'no' || rule.unless.length === 0) return match;
    const exception = oneOf(rule.unless, (list) =>
      allOf(list, (condition) => this.#condition(condition, recipient, other)),
    );
    return except(match, exception);
  }

  #condition(condition: Condition, recipient: RecipientFacts, side: Side): Match {
    if (isOfRecipient(condition)) return this.#ofRecipient(condition, recipient, side);
    return this.#whole[side].getOrInsertComputed(condition, () => this.#ofMessage(condition, side));
  }

  #ofRecipient(condition: Condition, recipient: RecipientFacts, side: Side): Match {
    if (condition.kind === 'direction') return directionMatch(recipient, condition.of);
    if (condition.kind === 'recipients') {
      const hit = condition.of.some((selector) => this.#isRecipient(selector, recipient, side));
      return hit ? yes('it goes to such a recipient', '該当する宛先がある', true) : NO;
    }
    if (condition.kind === 'any')
      return oneOf(condition.of, (list) => allOf(list, (one) => this.#condition(one, recipient, side)));
    return condition.kind === 'ask' ? this.#askOfRecipient(condition, recipient, side) : NO;
  }

  #askOfRecipient({ ask }: Extract<Condition, { kind: 'ask' }>, recipient: RecipientFacts, side: Side): Match {
    const answer = this.#scene.answer(ask);
    if (answer.kind === 'absent') return this.#absent(ask);
    if (this.#scene.recipientsOf(ask).has(recipient.n)) return causeOfAsk(ask, answer);
    // It could not look: counts as found (design 2), and is no exception for anybody.
    return answer.unread && side === 'when' ? causeOfUnread(this.#scene.facts.unread) : NO;
  }

  #ofMessage(condition: Condition, side: Side): Match {
    const { facts } = this.#scene;
    if (condition.kind === 'senders') {
      const hit = condition.of.some((selector) => isSender(selector, this.#scene, side));
      return hit ? yes('its sender is one of those whom the rule names', '対象の送信者である', true) : NO;
    }
    if (condition.kind === 'count') return causeOfCount(condition.of, this.#scene.count(condition.of), condition.range);
    if (condition.kind === 'size') return causeOfSize(facts.size, condition.range);
    if (condition.kind === 'emptySubject')
      return isEmpty(facts.subject) ? yes('it has no subject', '件名が空である') : NO;
    if (condition.kind === 'headerExists') {
      const exists = facts.fields.some(({ name }) => name === condition.name);
      if (exists !== condition.exists) return NO;
      return exists
        ? yes(`it has the header field ${condition.name}`, `ヘッダー${condition.name}がある`)
        : yes(`it lacks the header field ${condition.name}`, `ヘッダー${condition.name}がない`);
    }
    if (condition.kind === 'unread') return unreadMatch(facts.unread, condition.why);
    return condition.kind === 'ask' ? this.#askOfMessage(condition, side) : NO;
  }

  #askOfMessage({ ask, range }: Extract<Condition, { kind: 'ask' }>, side: Side): Match {
    const answer = this.#scene.answer(ask);
    if (answer.kind === 'absent') return this.#absent(ask);
    const { count, unread } = answer;
    // Where there may be more than was read, an upper end can't be trusted either.
    if (side === 'unless')
      return isWithin(count, range) && !(unread && range.max !== null) ? causeOfAsk(ask, answer) : NO;
    if (isWithin(count, range)) return causeOfAsk(ask, answer);
    return unread && (range.max === null || count <= range.max) ? causeOfUnread(this.#scene.facts.unread) : NO;
  }

  #absent(ask: Ask): Match {
    return { is: 'absent', checks: checksOf(ask), unanswered: !this.#scene.isAnswered(ask) };
  }

  // An exception is for who really gets it: an alias or a group of ours may lead outside.
  #isRecipient(selector: Selector, { address, original, direction }: RecipientFacts, side: Side): boolean {
    if (selector.kind === 'side') return (direction === 'outbound') === (selector.side === 'external');
    const addresses = side === 'unless' || original === null ? [address] : [address, original];
    if (selector.kind === 'group') return addresses.some((one) => this.#scene.directory.isMember(selector.name, one));
    return addresses.some((one) => isAddressOf(selector, one));
  }
}

function isOfRecipient(condition: Condition): boolean {
  const { kind } = condition;
  if (kind === 'ask') return isAboutRecipients(condition.ask.check);
  return kind === 'direction' || kind === 'recipients' || kind === 'any';
}

function directionMatch({ direction }: RecipientFacts, of: readonly RecipientFacts['direction'][]): Match {
  if (!of.includes(direction)) return NO;
  if (direction === 'outbound') return yes('it leaves the company', '社外への送信である', true);
  return direction === 'inbound'
    ? yes('it comes from outside', '社外から届いた', true)
    : yes('it stays in the company', '社内への送信である', true);
}

function unreadMatch(unread: readonly Unread[], why: readonly Unread['why'][]): Match {
  const hits = unread.filter((one) => why.includes(one.why));
  return hits.length === 0 ? NO : causeOfUnread(hits);
}

function isEmpty(subject: string): boolean {
  return subject.replace(/[\s\p{Cf}\p{Cc}]/gu, '') === '';
}
