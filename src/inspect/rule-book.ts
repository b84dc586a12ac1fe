/**
 * The rules that hold now, per tenant: the installation's, then the tenant's own, read once a generation of the directory. The door asks it
 * whether any of them may concern a mail; inspection decides by it.
 *
 * What must never happen: mail that goes because its rules could not be read. Such rules concern everything, and hold it for a person. Mail
 * that is judged where the newest rules, or those of its tenant, are not known: it waits until they are (H1).
 */
import type { Call, Direction, Tenant, TenantId } from '#/model/index.ts';
import { Fault, PROBE_TENANT } from '#/model/index.ts';
import {
  type AllTerms,
  compileRules,
  type Deadlines,
  NO_TERMS,
  type PolicyDirectory,
  policyDirectory,
  type RuleSet,
  readRules,
  withTerms,
} from '#/policy/index.ts';
import type { FreshDirectory, PolicyScope } from '#/ports/index.ts';
import { PROBE_RULES } from './probe.ts';

type RuleTexts = Tenant['policies'];

/** What decides about the mail of one tenant, from one generation. */
export interface TenantRules {
  readonly rules: RuleSet;
  readonly directory: PolicyDirectory;
  /** Of checks that have another than the usual one. */
  readonly deadlines: Deadlines;
  /** In which outsiders are told what became of an attachment. */
  readonly language: Tenant['language'];
}

/** Later than any look: only one that begins now will do. */
const AS_OF_NOW = Number.MAX_SAFE_INTEGER;

const NOBODY = { domains: [], users: [], groups: [] };
const UNREADABLE: RuleTexts = [
  {
    name: 'unreadable rules',
    description: {
      en: 'The rules of this company could not be read by this release, so all its mail waits for a person.',
      ja: 'ルールをこの版で読み取れないため、すべてのメールが担当者の判断を待っています。',
    },
    action: { hold: { atEnd: 'expire' } },
  },
];

export class RuleBook implements PolicyScope {
  readonly #directory: FreshDirectory;
  readonly #installation: RuleTexts;
  readonly #terms: AllTerms;
  readonly #byTenant = new Map<TenantId, TenantRules>();
  readonly #probe = {
    rules: compiled([], PROBE_RULES, {}),
    directory: policyDirectory(NOBODY),
    deadlines: {},
    language: 'en',
  } as const;
  #generation = -1;

  /** `installation`: rules before every tenant's own (`policies` of holdfast.yaml); `terms`: what it says of checks (`checks`, `inspect.checks`). */
  constructor(directory: FreshDirectory, installation: RuleTexts, terms: AllTerms = NO_TERMS) {
    this.#terms = terms;
    this.#directory = directory;
    this.#installation = installation;
  }

  concerns(tenant: TenantId, direction: Direction): boolean {
    if (this.of(tenant).rules.directions.has(direction)) return true;
    // Its rules are not known here: whoever inspects it waits for them.
    const directory = this.#directory.current();
    return directory.stale && tenant !== PROBE_TENANT && directory.tenant(tenant) === undefined;
  }

  /**
   * The rules to judge a mail by that is at hand: those of now, since one of them that is younger than the mail may have brought it here (H1). Rejects with
   * `rules.unknown` where they can't be had now.
   */
  async toJudge(tenant: TenantId, call: Call): Promise<TenantRules> {
    // The probe's never change, and a registry that is away makes no worker wrong (H10).
    if (tenant === PROBE_TENANT) return this.#probe;
    if (!(await this.#directory.freshSince(AS_OF_NOW, call))) throw new Fault('rules.unknown');
    if (this.#directory.current().tenant(tenant) === undefined)
      throw new Fault('rules.unknown', `There is no tenant ${tenant}.`);
    return this.of(tenant);
  }

  /** The rules of a tenant; of one that is unknown, the installation's. */
  of(tenant: TenantId): TenantRules {
    if (tenant === PROBE_TENANT) return this.#probe;
    const directory = this.#directory.current();
    if (directory.generation !== this.#generation) this.#byTenant.clear();
    this.#generation = directory.generation;
    return this.#byTenant.getOrInsertComputed(tenant, () => {
      const found = directory.tenant(tenant);
      const { absences, deadlines } = withTerms(this.#terms, found?.checks ?? {});
      const rules = compiled(this.#installation, found?.policies ?? [], absences);
      return { rules, directory: policyDirectory(found ?? NOBODY), deadlines, language: found?.language ?? 'en' };
    });
  }
}

function compiled(installation: RuleTexts, tenant: RuleTexts, absences: AllTerms['absences']): RuleSet {
  try {
    return compileRules({ installation: rulesOf(installation), tenant: rulesOf(tenant), absences });
  } catch {
    return compileRules({ installation: [], tenant: rulesOf(UNREADABLE) });
  }
}

function rulesOf(texts: RuleTexts) {
  return readRules(texts).map(({ rule }) => rule);
}
