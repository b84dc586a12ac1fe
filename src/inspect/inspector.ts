/** From the octets of a mail to a verdict for each recipient: extraction, the answers of checks, the rules of the tenant. */
import type { Call, PolicyVersion, RecipientNumber, TenantId, Verdict } from '#/model/index.ts';
import { type Answers, decide, type RuleSet } from '#/policy/index.ts';
import type { InspectedMail, Inspector, ShareMaker } from '#/ports/index.ts';
import { type CheckFault, Checks } from './checks.ts';
import { Extractor } from './extract/index.ts';
import { type HookedMail, type Hooks, hookAsks, keepContent } from './hooks/index.ts';
import { makeable } from './makeable.ts';
import type { RuleBook, TenantRules } from './rule-book.ts';

/** Puts the questions of a rule set to the facts of a mail; a question that it leaves out is one whose check is away (M4). */
export type AnswerAsks = (rules: TenantRules, mail: HookedMail, call: Call) => Promise<Answers>;

/** By the checks of this room, made ready once for a rule set. Histories and registered documents have no keeper yet: what needs them is absent. */
function answerByChecks(hooks: Hooks | null, onFault: CheckFault): AnswerAsks {
  const ready = new WeakMap<RuleSet, Checks>();
  return async ({ rules, directory }, mail, call) => {
    const checks = ready.getOrInsertComputed(rules, () => new Checks(rules.asks, onFault));
    const aids = { knownDomains: directory.ownDomains, knownRecipients: null, documents: null };
    const [own, others] = await Promise.all([
      checks.answerInTurns(mail.facts, aids, call),
      hooks?.answer(rules.asks, mail, call) ?? [],
    ]);
    return new Map([...own, ...others]);
  };
}

export class RuleInspector implements Inspector, AsyncDisposable {
  readonly #book: RuleBook;
  readonly #hooks: Hooks | null;
  readonly #answer: AnswerAsks;
  readonly #asked = new WeakMap<RuleSet, readonly string[]>();
  readonly #shares: ShareMaker | null;
  readonly #extractor = new Extractor();

  /** `hooks`: servers beside ours; without them what they are asked is absent. `shares` keeps files that become downloads. */
  constructor(
    book: RuleBook,
    hooks: Hooks | null = null,
    onFault: CheckFault = () => {},
    answer: AnswerAsks = answerByChecks(hooks, onFault),
    shares: ShareMaker | null = null,
  ) {
    this.#book = book;
    this.#hooks = hooks;
    this.#shares = shares;
    this.#answer = answer;
  }

  async inspect(
    { mail, asked, everybody, content }: InspectedMail,
    call: Call,
  ): Promise<ReadonlyMap<RecipientNumber, Verdict>> {
    // The rules of the begin hold for the whole mail: whoever writes the verdict down compares their version with that of then.
    const own = await this.#book.toJudge(mail.tenant, mail.receivedAt, call);
    const { tenant, identity, sender } = mail;
    const about = { tenant, identity, sender, recipients: everybody };
    const mayChange = own.rules.rules.some(({ action }) => action.changes.length > 0);
    const whole = mayChange ? await gathered(content) : content;
    const kept = hookAsks(own.rules.asks).length > 0 ? keepContent(whole) : { content: whole, kept: () => null };
    const facts = await this.#extractor.extract(kept.content, about, call);
    const answers = await this.#answer(own, { id: mail.id, facts, content: kept.kept() }, call);
    const verdicts = decide(facts, answers, own.rules, own.directory);
    if (!(whole instanceof Buffer)) return verdicts;
    const read = (changed: Buffer) => this.#extractor.extract(changed, about, call);
    const recipients = everybody.filter(({ n }) => asked.includes(n));
    const { language } = own;
    return makeable(verdicts, { mail, content: whole, recipients, language, shares: this.#shares, call, read });
  }

  version(tenant: TenantId): PolicyVersion {
    return this.#book.of(tenant).rules.version;
  }

  slow(tenant: TenantId): readonly string[] {
    if (this.#hooks === null) return [];
    const { rules } = this.#book.of(tenant);
    const names = this.#asked.getOrInsertComputed(rules, () => [
      ...new Set(hookAsks(rules.asks).flatMap((ask) => ask.names)),
    ]);
    return this.#hooks.slow(names);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#extractor[Symbol.asyncDispose]();
  }
}

/** A mail that may be changed is needed as a whole; it is no larger than what the door takes. */
async function gathered(content: InspectedMail['content']): Promise<Buffer> {
  if (content instanceof Uint8Array) return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return Buffer.concat(await Array.fromAsync(content));
}
