/** From the octets of a mail to a verdict for each recipient: extraction, the answers of checks, the rules of the tenant. */
import type { Call, MailFacts, PolicyVersion, RecipientNumber, TenantId, Verdict } from '#/model/index.ts';
import { type Answers, DETECTOR_ASKS, decide, type RuleSet } from '#/policy/index.ts';
import type { InspectedMail, Inspector, ShareMaker } from '#/ports/index.ts';
import { Apart, isLarge, isLong } from './apart/index.ts';
import { type CheckAids, type CheckFault, Checks } from './checks.ts';
import { type EnvelopeFacts, Extractor } from './extract/index.ts';
import { contentForHooks, type Hooks, hookAsks } from './hooks/index.ts';
import { makeable } from './makeable.ts';
import { PAST_LIMITS, type PastKeeper } from './past/index.ts';
import type { PolicyRecall } from './remembered.ts';
import type { RuleBook, TenantRules } from './rule-book.ts';

/** A mail that is read, and what our checks say of it. */
interface Looked {
  readonly facts: MailFacts;
  readonly answers: Promise<Answers>;
}

export class RuleInspector implements Inspector, AsyncDisposable {
  readonly #book: RuleBook;
  readonly #hooks: Hooks | null;
  readonly #onFault: CheckFault;
  readonly #checks = new WeakMap<RuleSet, Checks>();
  /** The same, and every detector. */
  readonly #allChecks = new WeakMap<RuleSet, Checks>();
  readonly #asked = new WeakMap<RuleSet, readonly string[]>();
  readonly #shares: ShareMaker | null;
  readonly #recall: Pick<PolicyRecall, 'of'> | null;
  readonly #past: Pick<PastKeeper, 'keeps' | 'note'> | null;
  #underWay = 0;
  readonly #extractor = new Extractor();
  readonly #apart: Apart;

  /**
   * `hooks`: servers beside ours; without them what they are asked is absent. `shares` keeps files that become downloads, `past` facts for dry runs;
   * `recall` knows what policy remembers.
   */
  constructor(
    book: RuleBook,
    hooks: Hooks | null = null,
    onFault: CheckFault = () => {},
    shares: ShareMaker | null = null,
    past: Pick<PastKeeper, 'keeps' | 'note'> | null = null,
    recall: Pick<PolicyRecall, 'of'> | null = null,
  ) {
    this.#past = past;
    this.#book = book;
    this.#hooks = hooks;
    this.#shares = shares;
    this.#recall = recall;
    this.#onFault = onFault;
    this.#apart = new Apart(onFault);
  }

  async inspect(inspected: InspectedMail, call: Call): Promise<ReadonlyMap<RecipientNumber, Verdict>> {
    this.#underWay += 1;
    try {
      return await this.#inspect(inspected, call);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #inspect(
    { mail, asked, everybody, content }: InspectedMail,
    call: Call,
  ): Promise<ReadonlyMap<RecipientNumber, Verdict>> {
    // The rules of the begin hold for the whole mail: whoever writes the verdict down compares their version with that of then.
    const own = await this.#book.toJudge(mail.tenant, call);
    const { tenant, identity, sender } = mail;
    const about = { tenant, identity, sender, recipients: everybody };
    const whole = await gathered(content);
    const aids = await this.#aids(own, { ...about, receivedAt: mail.receivedAt });
    const { facts, answers: ours } = await this.#look(own, whole, about, aids, call);
    const told = { id: mail.id, facts, content: contentForHooks(whole) };
    const others = this.#hooks?.answer(own.rules.asks, told, call, own.deadlines) ?? [];
    // A question that nobody answers is one whose check is away (M4).
    const answers = new Map((await Promise.all([ours, others])).flatMap((some) => [...some]));
    const verdicts = decide(facts, answers, own.rules, own.directory);
    if (this.#past?.keeps(tenant) === true) this.#past.note(mail.id, facts, answers);
    if (!own.rules.rules.some(({ action }) => action.changes.length > 0)) return verdicts;
    const read = (changed: Buffer) => this.#read(changed, about, call);
    const recipients = everybody.filter(({ n }) => asked.includes(n));
    const { language } = own;
    return makeable(verdicts, { mail, content: whole, recipients, language, shares: this.#shares, call, read });
  }

  /**
   * Where facts are kept, and this worker has little else to do, all detectors look at a mail: a rule that will ask them for the first time can be
   * tried on it then. Those that rules ask come first, so that these take no time from them.
   */
  #checksFor(rules: RuleSet, tenant: TenantId): Checks {
    const isCalm = this.#underWay <= PAST_LIMITS.calmMails && this.#past?.keeps(tenant) === true;
    return (isCalm ? this.#allChecks : this.#checks).getOrInsertComputed(rules, () => {
      const asks = isCalm ? [...rules.asks, ...DETECTOR_ASKS] : rules.asks;
      return new Checks([...new Map(asks.map((ask) => [ask.key, ask])).values()], this.#onFault);
    });
  }

  async #look(
    { rules, deadlines }: TenantRules,
    content: Buffer,
    about: EnvelopeFacts,
    aids: CheckAids,
    call: Call,
  ): Promise<Looked> {
    // Only servers beside ours are told texts.
    const texts = this.#hooks !== null && hookAsks(rules.asks).length > 0;
    const wanted = { asked: { version: rules.version, asks: rules.asks, aids, deadlines }, texts };
    if (isLarge(content)) {
      const { facts, answers } = this.#apart.look({ content, about }, wanted, call);
      return { facts: await facts, answers };
    }
    const facts = await this.#extractor.extract(content, about, call);
    if (isLong(facts)) return { facts, answers: this.#apart.look({ facts }, wanted, call).answers };
    const checks = this.#checksFor(rules, about.tenant);
    return { facts, answers: checks.answerInTurns(facts, aids, call, deadlines) };
  }

  /** What the checks of these rules need beside the mail. */
  async #aids(
    { rules, directory }: TenantRules,
    { sender, ...mail }: EnvelopeFacts & { readonly receivedAt: number },
  ): Promise<CheckAids> {
    const knownDomains = directory.ownDomains;
    if (this.#recall === null) return { knownDomains, knownRecipients: null, documents: null };
    const person = sender === null ? '' : directory.personOf(sender);
    return { knownDomains, ...(await this.#recall.of(rules.asks, { ...mail, sender: person })) };
  }

  #read(content: Buffer, about: EnvelopeFacts, call: Call): Promise<MailFacts> {
    if (isLarge(content)) return this.#apart.look({ content, about }, { asked: null, texts: true }, call).facts;
    return this.#extractor.extract(content, about, call);
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

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#extractor[Symbol.asyncDispose](), this.#apart[Symbol.asyncDispose]()]);
  }
}

/** It is no larger than what the door takes. */
async function gathered(content: InspectedMail['content']): Promise<Buffer> {
  if (content instanceof Uint8Array) return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return Buffer.concat(await Array.fromAsync(content));
}
