/**
 * Answers to the questions of rules from what was kept of a mail: as they were given then; or from kept facts, where a check needs no text; or
 * "none", where nothing was found by a look that covers this one. What is left out has no answer, and nobody guesses one.
 */
import type { MailFacts } from '#/model/index.ts';
import { type Answer, type Answers, type Ask, DETECTORS, type Question, type Scope } from '#/policy/index.ts';
import { Checks } from '../checks.ts';
import { type KeptMail, keptKey, questionOf } from './kept-mail.ts';

/** Checks that look at kept facts alone. */
const WITHOUT_TEXT: ReadonlySet<Question['check']> = new Set(['attachments', 'freeMail', 'lookAlike']);
const NONE: Answer = { kind: 'looked', count: 0, findings: [], unread: false };
const IS_DETECTOR: ReadonlySet<string> = new Set(DETECTORS);

/** For one question: it found nothing where, of each list, one of the kept questions found nothing. */
interface Cover {
  readonly ask: Ask;
  readonly lists: readonly (readonly string[])[];
}

/** The questions of both sides of a dry run, put to mail after mail. */
export class PastAnswers {
  readonly #asks: readonly Ask[];
  readonly #checks: Checks;
  readonly #knownDomains: readonly string[];
  readonly #derived: readonly Ask[];

  constructor(asks: readonly Ask[], knownDomains: readonly string[]) {
    this.#asks = [...new Map(asks.map((ask) => [ask.key, ask])).values()];
    this.#derived = this.#asks.filter(({ check }) => WITHOUT_TEXT.has(check));
    this.#checks = new Checks(this.#derived);
    this.#knownDomains = knownDomains;
  }

  /** What the questions of a batch tell of those that it lacks; made once for a batch. */
  covers(keys: readonly string[]): readonly Cover[] {
    const kept = keys.flatMap((key) => {
      const question = questionOf(key);
      return question === null ? [] : [{ key, question }];
    });
    const there = new Set(keys);
    return this.#asks
      .filter(({ key, check }) => !there.has(keptKey(key)) && !WITHOUT_TEXT.has(check))
      .map((ask) => ({ ask, lists: listsOf(ask, kept) }));
  }

  of({ facts, answers }: KeptMail, covers: readonly Cover[]): Answers {
    const found = new Map<string, Answer>();
    for (const { key } of this.#asks) {
      const answer = answers.get(keptKey(key));
      if (answer !== undefined) found.set(key, answer);
    }
    for (const { ask, lists } of covers) {
      if (
        lacksField(ask, facts) ||
        (lists.length > 0 && lists.every((list) => list.some((key) => isNone(answers.get(key)))))
      )
        found.set(ask.key, NONE);
    }
    if (this.#derived.some(({ key }) => !found.has(key))) this.#derive(facts, found);
    return found;
  }

  #derive(facts: MailFacts, found: Map<string, Answer>): void {
    const aids = { knownDomains: this.#knownDomains, knownRecipients: null, documents: null };
    for (const [key, answer] of this.#checks.answer(facts, aids)) if (!found.has(key)) found.set(key, answer);
  }
}

function isNone(answer: Answer | undefined): boolean {
  return answer?.kind === 'looked' && answer.count === 0 && !answer.unread;
}

/** Names of header fields are kept, so of a field that is not there the answer is known. */
function lacksField(ask: Ask, { fields }: MailFacts): boolean {
  return ask.check === 'header' && !fields.some(({ name }) => name === ask.name);
}

interface KeptQuestion {
  readonly key: string;
  readonly question: Question;
}

function listsOf(ask: Ask, kept: readonly KeptQuestion[]): readonly (readonly string[])[] {
  const keysWhere = (covers: (question: Question) => boolean): readonly string[] =>
    kept.filter(({ question }) => covers(question)).map(({ key }) => key);
  if (ask.check === 'words')
    return ask.words.map((word) =>
      keysWhere((one) => one.check === 'words' && one.words.includes(word) && isWithin(ask.in, one.in)),
    );
  if (ask.check === 'pattern')
    return ask.patterns.map((pattern) =>
      keysWhere((one) => one.check === 'pattern' && one.patterns.includes(pattern) && isWithin(ask.in, one.in)),
    );
  if (!IS_DETECTOR.has(ask.check) || !('in' in ask)) return [];
  return [keysWhere((one) => one.check === ask.check && 'in' in one && isWithin(ask.in, one.in))];
}

function isWithin(few: readonly Scope[], many: readonly Scope[]): boolean {
  return few.every((scope) => many.includes(scope));
}
