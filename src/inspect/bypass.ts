/**
 * Bypass (M8): the mail of a tenant goes by inspection while an operator's word stands. Who carries mail asks here, at each mail, so it ends by
 * itself and needs nobody: new mail enters before inspection as always and is passed on from there with a verdict of its own, `bypass`; a
 * worker that hangs, or the role away as a whole, keeps none of it back.
 */
import type { Direction, Tenant, TenantId, Verdict } from '#/model/index.ts';
import { PROBE_TENANT } from '#/model/index.ts';
import type { Bypasses, Clock, DirectorySource, Passage, PolicyScope } from '#/ports/index.ts';
import type { RuleBook } from './rule-book.ts';

type Standing = NonNullable<Tenant['bypass']>;

/** The name under which the journal has it, where the name of a rule stands. */
const RULE = 'bypass';

export class BypassBook implements Bypasses, PolicyScope {
  readonly #directory: DirectorySource;
  readonly #rules: RuleBook;
  readonly #clock: Clock;

  constructor(rules: RuleBook, { directory, clock }: { readonly directory: DirectorySource; readonly clock: Clock }) {
    this.#rules = rules;
    this.#directory = directory;
    this.#clock = clock;
  }

  /** What is rerouted passes here too, whether rules concern it or not: so its trace says who sent it another way. */
  concerns(tenant: TenantId, direction: Direction): boolean {
    if (this.#rules.concerns(tenant, direction)) return true;
    return direction === 'outbound' && (this.#standing(tenant)?.destination ?? null) !== null;
  }

  of(tenant: TenantId): Passage | null {
    const standing = this.#standing(tenant);
    if (standing === null) return null;
    const { by, destination } = standing;
    return { by, destination, verdict: verdictOf(standing, this.#rules.of(tenant).rules.version) };
  }

  #standing(tenant: TenantId): Standing | null {
    if (tenant === PROBE_TENANT) return null;
    const bypass = this.#directory.current().tenant(tenant)?.bypass;
    if (bypass === undefined) return null;
    const now = this.#clock.now();
    // A clock that was set back to before it was said must not make it last longer: then nobody's word is known for this time.
    return bypass.since <= now && now < bypass.until ? bypass : null;
  }
}

function verdictOf({ until, reason }: Standing, version: Verdict['version']): Verdict {
  const end = new Date(until).toISOString().replace('Z', '+00:00');
  const told = {
    en: `Not inspected: an operator lets all mail of this company go by until ${end}: ${reason}`,
    ja: `検査を行いませんでした。運用担当者により${end}までこの会社のメールは検査を経ずに送信されます：${reason}`,
  };
  return { kind: 'pass', rule: RULE, version, reason: told, changes: [], notify: [] };
}
