/** From the octets of a mail to a verdict for each recipient: extraction, the answers of checks, the rules of the tenant. */
import type { Call, MailFacts, PolicyVersion, RecipientNumber, TenantId, Verdict } from '#/model/index.ts';
import { type Answers, type Ask, decide } from '#/policy/index.ts';
import type { InspectedMail, Inspector } from '#/ports/index.ts';
import { Extractor } from './extract/index.ts';
import type { RuleBook } from './rule-book.ts';

/** Puts the questions of a rule set to the facts of a mail; a question that it leaves out is one whose check is away (M4). */
export type AnswerAsks = (asks: readonly Ask[], facts: MailFacts, call: Call) => Promise<Answers>;

/** No check answers: each rule that needs one does as its absence policy says. */
export const NO_ANSWERS: AnswerAsks = async () => new Map();

export class RuleInspector implements Inspector, AsyncDisposable {
  readonly #book: RuleBook;
  readonly #answer: AnswerAsks;
  readonly #extractor = new Extractor();

  constructor(book: RuleBook, answer: AnswerAsks = NO_ANSWERS) {
    this.#book = book;
    this.#answer = answer;
  }

  async inspect(
    { mail, everybody, content }: InspectedMail,
    call: Call,
  ): Promise<ReadonlyMap<RecipientNumber, Verdict>> {
    // The rules of the begin hold for the whole mail: whoever writes the verdict down compares their version with that of then.
    const { rules, directory } = this.#book.of(mail.tenant);
    const { tenant, identity, sender } = mail;
    const facts = await this.#extractor.extract(content, { tenant, identity, sender, recipients: everybody }, call);
    const answers = await this.#answer(rules.asks, facts, call);
    return decide(facts, answers, rules, directory);
  }

  version(tenant: TenantId): PolicyVersion {
    return this.#book.of(tenant).rules.version;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#extractor[Symbol.asyncDispose]();
  }
}
