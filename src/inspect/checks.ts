/** Puts the questions of a rule set to the facts of mails. Made once for a rule set: word lists and patterns are made ready then. */
import { setImmediate } from 'node:timers/promises';
import type { Call, MailFacts } from '#/model/index.ts';
import {
  type Answer,
  type Answers,
  type Ask,
  CHECK_DEADLINE_MS,
  type CheckName,
  type Deadlines,
  type Scope,
} from '#/policy/index.ts';
import { attachments, mayHideAttachment } from './checks/attachments/index.ts';
import { type DocumentIndex, fingerprint } from './checks/fingerprint/index.ts';
import { firstTime, type KnownRecipients } from './checks/first-time/index.ts';
import { freeMail } from './checks/free-mail/index.ts';
import { headerFields } from './checks/header/index.ts';
import { lookAlike } from './checks/look-alike/index.ts';
import { patternList } from './checks/pattern/index.ts';
import { wordList } from './checks/words/index.ts';
import { DETECTORS } from './detectors.ts';
import { answerOf, type Hit, Tally } from './hits.ts';
import { MailTexts, type TextOfMail } from './text/index.ts';

/** What checks need beside a mail's facts; who calls gathers it first. Null where its keeper is away: then the check is absent. */
export interface CheckAids {
  /** The tenant's own domains, and those that it deals with. */
  readonly knownDomains: readonly string[];
  /** Those of the mail's recipients who were written to before. */
  readonly knownRecipients: KnownRecipients | null;
  /** Those that the tenant has registered. */
  readonly documents: DocumentIndex | null;
}

interface View {
  readonly facts: MailFacts;
  readonly texts: MailTexts;
  readonly aids: CheckAids;
}

/** Gives the characters that it has looked at, wherever other work may have its turn. */
type Look = (view: View) => Generator<number, Answer>;

/** Told of a check that gave no answer of its own to a mail, and why. */
export type CheckFault = (check: CheckName, why: string) => void;

/** Text that is looked at in a moment; most mail has less, and no text of a mail has more than some hundred times that. */
const TURN_CHARS = 65_536;

/** The checks that a rule set asks. */
export class Checks {
  readonly #looks: ReadonlyMap<string, { readonly check: CheckName; readonly look: Look }>;

  readonly #onFault: CheckFault;

  constructor(asks: readonly Ask[], onFault: CheckFault = () => {}) {
    this.#onFault = onFault;
    // Servers beside ours are asked elsewhere (`hooks/`); left out here, they are absent.
    const own = asks.filter((ask) => ask.check !== 'hook');
    this.#looks = new Map(own.map((ask) => [ask.key, { check: ask.check, look: lookFor(ask) }]));
  }

  /** Every question answered. A check that fails has not read this mail, which counts as found; the others answer all the same. */
  answer(facts: MailFacts, aids: CheckAids): Answers {
    const view = viewOf(facts, aids);
    const answers = new Map<string, Answer>();
    for (const [key, { check, look }] of this.#looks) {
      const steps = look(view);
      let answer: Answer | number = 0;
      while (typeof answer === 'number') answer = this.#step(check, steps);
      answers.set(key, answer);
    }
    return answers;
  }

  /**
   * The same, with the event loop's other work between two checks and between two texts, where there is much to read. What does not come in time has not read the
   * mail, which counts as found: a mail must not get around a rule by being slow to read. Rejects where `call` is given up.
   */
  async answerInTurns(facts: MailFacts, aids: CheckAids, call: Call, deadlines: Deadlines = {}): Promise<Answers> {
    const view = viewOf(facts, aids);
    const answers = new Map<string, Answer>();
    let chars = 0;
    for (const [key, { check, look }] of this.#looks) {
      const steps = look(view);
      const until = Math.min(call.deadlineAt, performance.now() + (deadlines[check] ?? CHECK_DEADLINE_MS));
      let answer: Answer | number = 0;
      while (typeof answer === 'number') {
        const isLate = performance.now() > until;
        answer = isLate ? this.#unread(check, 'it had no time left') : this.#step(check, steps);
        chars += typeof answer === 'number' ? answer : 0;
        if (chars < TURN_CHARS) continue;
        chars = 0;
        await setImmediate(undefined, call.signal === undefined ? {} : { signal: call.signal });
      }
      answers.set(key, answer);
    }
    return answers;
  }

  // A mistake of ours in one check must neither stop the worker nor pass for "nothing found"; nor for "away", which a rule may let pass (design 2).
  #step(check: CheckName, steps: Generator<number, Answer>): Answer | number {
    try {
      return steps.next().value;
    } catch (error) {
      return this.#unread(check, error instanceof Error ? error.message : 'it failed');
    }
  }

  #unread(check: CheckName, why: string): Answer {
    this.#onFault(check, why);
    return { kind: 'looked', count: 0, findings: [], unread: true };
  }
}

function viewOf(facts: MailFacts, aids: CheckAids): View {
  return { facts, texts: new MailTexts(facts), aids };
}

/** Its keeper is away, whatever the mail is. */
function absent(why: string): Answer {
  return { kind: 'absent', why };
}

function lookFor(ask: Exclude<Ask, { check: 'hook' }>): Look {
  switch (ask.check) {
    case 'words':
      return inTexts(ask.check, ask.in, wordList(ask.words).hits);
    case 'pattern':
      return byPatterns(ask.in, patternList(ask.patterns).look);
    case 'header': {
      const hitsOf = headerFields(ask);
      return atOnce(({ facts }) => answerOf(hitsOf(facts.fields), ask.check, false));
    }
    case 'attachments':
      return atOnce(({ facts }) =>
        answerOf(attachments(facts, ask.traits), ask.check, mayHideAttachment(facts, ask.traits)),
      );
    case 'freeMail':
      return atOnce(({ facts }) => answerOf(freeMail(facts.recipients), ask.check, false));
    case 'lookAlike':
      return atOnce(({ facts, aids }) =>
        answerOf(lookAlike(facts.recipients, [...ask.of, ...aids.knownDomains]), ask.check, false),
      );
    case 'firstTime':
      return atOnce(({ facts, aids: { knownRecipients } }) =>
        knownRecipients === null
          ? absent('there is no history')
          : answerOf(firstTime(facts.recipients, knownRecipients, ask.whose), ask.check, false),
      );
    case 'fingerprint':
      return byDocuments(ask.similarity);
    default:
      return inTexts(ask.check, ask.in, DETECTORS[ask.check]);
  }
}

function byPatterns(scopes: readonly Scope[], look: ReturnType<typeof patternList>['look']): Look {
  return atOnce(({ texts }) => {
    const all = texts.of(scopes);
    const { hits, isCut } = look(all);
    return answerOf(hits, 'pattern', isCut || all.some(({ isCut: isLong }) => isLong) || texts.unreadIn(scopes));
  });
}

// Where none is registered nothing is looked for, and what could not be read hides nothing.
function byDocuments(similarity: number): Look {
  const look = (documents: DocumentIndex): Look =>
    inTexts('fingerprint', ALL, (texts) => fingerprint(texts, documents, similarity));
  return function* (view) {
    const { documents } = view.aids;
    if (documents === null) return absent('the registered documents are away');
    if (documents.names.length === 0) return answerOf([], 'fingerprint', false);
    return yield* look(documents)(view);
  };
}

const ALL: readonly Scope[] = ['subject', 'body', 'attachments'];

function inTexts(
  check: CheckName,
  scopes: readonly Scope[],
  hits: (texts: readonly TextOfMail[], all: readonly TextOfMail[]) => Iterable<Hit>,
): Look {
  return function* ({ texts }) {
    const all = texts.of(scopes);
    const tally = new Tally(check);
    for (const text of all) {
      if (tally.isFull) break;
      tally.add(hits([text], all));
      yield text.raw.length;
    }
    return tally.answer(all.some(({ isCut }) => isCut) || texts.unreadIn(scopes));
  };
}

/** Of what is bounded by itself, or little. */
function atOnce(look: (view: View) => Answer): Look {
  return function* (view) {
    yield 0;
    return look(view);
  };
}
