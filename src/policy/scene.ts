/** One mail as decisions see it: its facts, the answers of checks, the directory; and figures that several rules ask for, counted once. */
import type { MailAddress, MailFacts, RecipientNumber } from '#/model/index.ts';
import { addressKey, domainOf, isNeighbour } from '#/model/index.ts';
import type { Answer, Answers, Ask } from './asks.ts';
import type { PolicyDirectory } from './directory.ts';
import { domainKey } from './domain-key.ts';
import type { CountName } from './rule.ts';

const NO_ANSWER: Answer = { kind: 'absent', why: 'it gave no answer' };

export class Scene {
  readonly facts: MailFacts;
  readonly directory: PolicyDirectory;
  readonly #answers: Answers;
  readonly #counts = new Map<CountName, number>();
  readonly #about = new Map<string, ReadonlySet<RecipientNumber>>();

  constructor(facts: MailFacts, answers: Answers, directory: PolicyDirectory) {
    this.facts = facts;
    this.directory = directory;
    this.#answers = answers;
  }

  /** Never "found nothing" for a question that nobody answered. */
  answer(ask: Ask): Answer {
    return this.#answers.get(ask.key) ?? NO_ANSWER;
  }

  /** Whether the question was put to this mail, and be it to a check that was away. */
  isAnswered(ask: Ask): boolean {
    return this.#answers.has(ask.key);
  }

  /** Recipients that the findings of an answer are about. */
  recipientsOf(ask: Ask): ReadonlySet<RecipientNumber> {
    return this.#about.getOrInsertComputed(ask.key, () => {
      const answer = this.answer(ask);
      const findings = answer.kind === 'looked' ? answer.findings : [];
      return new Set(findings.flatMap(({ recipient }) => recipient ?? []));
    });
  }

  /** A figure of the whole message, whatever recipients a rule is for (contract). */
  count(name: CountName): number {
    return this.#counts.getOrInsertComputed(name, () => this.#counted(name));
  }

  #counted(name: CountName): number {
    const { recipients, to, cc } = this.facts;
    if (name === 'recipientCount') return new Set(recipients.map(({ address }) => addressKey(address))).size;
    if (name === 'visibleRecipients') return new Set([...to, ...cc].map(({ address }) => addressKey(address))).size;
    const outside = this.#outside();
    if (name === 'externalRecipients') return outside.size;
    return new Set([...outside].map((address) => domainKey(domainOf(address as MailAddress)))).size;
  }

  /**
   * Everybody outside whom this mail goes to: its recipients, and where it is a letter of our own people, those that To and Cc name. Mail
   * servers split one letter into several transactions, and each would look small. A forward shows the To and Cc of somebody else, so it
   * counts by its recipients alone.
   */
  #outside(): ReadonlySet<string> {
    const { recipients, to, cc } = this.facts;
    const outside = new Set<string>();
    for (const { address, direction } of recipients) if (direction === 'outbound') outside.add(addressKey(address));
    if (!this.#isOwnLetter()) return outside;
    for (const { address } of [...to, ...cc]) {
      if (ADDRESS.test(address) && !this.directory.isOwn(domainOf(address as MailAddress)))
        outside.add(addressKey(address));
    }
    return outside;
  }

  #isOwnLetter(): boolean {
    const { identity, from, tenant } = this.facts;
    if (isNeighbour(identity, tenant)) return false;
    // A person who signs in writes letters; a server may forward those of others.
    if (identity.kind !== 'relay') return identity.kind === 'user';
    return from.some(({ address }) => this.directory.isOwn(domainOf(address as MailAddress)));
  }
}

/** Header fields hold anything; what can't be an address is nobody. */
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
