/**
 * The dry run: reads what was kept of a tenant's mail, newest first, and decides it by the rules of now and by a draft. Paced: it runs in a
 * process that serves people, and they come first (O3).
 */
import { setImmediate } from 'node:timers/promises';
import type { Call, Tenant, TenantId } from '#/model/index.ts';
import {
  type AbsencePolicies,
  type ComparedRules,
  type Comparison,
  compileRules,
  DryRun,
  policyDirectory,
  readRules,
} from '#/policy/index.ts';
import type { Clock, PastMails, ReadBatch } from '#/ports/index.ts';
import { PastAnswers } from './answered.ts';
import { type KeptBatch, readBatch } from './batch-form.ts';

export interface RehearsalParts {
  readonly past: Pick<PastMails, 'read'>;
  readonly clock: Pick<Clock, 'sleep'>;
}

/** The same tenant with its rules of now, and with those of the draft. */
export interface RehearsalRequest {
  readonly now: Tenant;
  readonly draft: Tenant;
  /** Rules in front of the tenant's own, and what the absence of checks does. */
  readonly installation: Tenant['policies'];
  readonly absences: (tenant: Tenant) => AbsencePolicies;
  /** Wall-clock ms. */
  readonly since: number;
  /** Mails that are looked at, the newest ones. */
  readonly mailsMax: number;
}

export interface Rehearsal extends Comparison {
  /** Mails that were inspected and of which nothing is kept, or nothing that can be read. */
  readonly missing: number;
  /** The oldest mail that was looked at, wall-clock ms; null where there was none. */
  readonly from: number | null;
  /** There is more, and it was not looked at: there was no time left, or enough was. */
  readonly cut: boolean;
}

/** Batches that are read at once: some megabytes of facts at most. */
const PAGE = 8;
/** So long it works in a stretch; then it rests as long. */
const STRETCH_MS = 4;
/** Left of its time for the answer. */
const SPARE_MS = 1_000;

/** Nothing is kept, sent or changed. */
export async function rehearse(request: RehearsalRequest, parts: RehearsalParts, call: Call): Promise<Rehearsal> {
  const sides = { now: rulesOf(request.now, request), draft: rulesOf(request.draft, request) };
  const run = new Run(request, sides, parts, call);
  await run.all();
  return run.result;
}

function rulesOf(tenant: Tenant, { installation, absences }: RehearsalRequest): ComparedRules {
  const of = (texts: Tenant['policies']) => readRules(texts).map(({ rule }) => rule);
  return {
    rules: compileRules({ installation: of(installation), tenant: of(tenant.policies), absences: absences(tenant) }),
    directory: policyDirectory(tenant),
  };
}

class Run {
  readonly #request: RehearsalRequest;
  readonly #parts: RehearsalParts;
  readonly #call: Call;
  readonly #answers: PastAnswers;
  readonly #dryRun: DryRun;
  /** A mail that was judged in parts, or twice, is one. */
  readonly #seen = new Set<string>();
  #missing = 0;
  #from: number | null = null;
  #cut = false;

  constructor(
    request: RehearsalRequest,
    { now, draft }: { readonly now: ComparedRules; readonly draft: ComparedRules },
    parts: RehearsalParts,
    call: Call,
  ) {
    this.#request = request;
    this.#parts = parts;
    this.#call = call;
    this.#answers = new PastAnswers([...now.rules.asks, ...draft.rules.asks], draft.directory.ownDomains);
    this.#dryRun = new DryRun(now, draft);
  }

  get result(): Rehearsal {
    return { ...this.#dryRun.result, missing: this.#missing, from: this.#from, cut: this.#cut };
  }

  async all(): Promise<void> {
    const { since, now } = this.#request;
    let before: string | null = null;
    for (;;) {
      const page: readonly ReadBatch[] = await this.#parts.past.read(now.id, since, before, PAGE, this.#call);
      for (const batch of page) {
        if (this.#isOver()) return;
        await this.#batch(batch, now.id);
      }
      if (page.length < PAGE) return;
      before = page.at(-1)?.id ?? null;
    }
  }

  async #batch({ content, mails, missed }: ReadBatch, tenant: TenantId): Promise<void> {
    this.#missing += missed;
    const batch = content === null ? null : await readBatch(content, tenant);
    if (batch === null) this.#missing += mails;
    else await this.#mails(batch);
  }

  async #mails({ keys, mails }: KeptBatch): Promise<void> {
    const covers = this.#answers.covers(keys);
    let until = performance.now() + STRETCH_MS;
    // Newest first, here too: the last look at a mail is the one that counts.
    for (const mail of mails.toReversed()) {
      if (mail.at < this.#request.since || this.#seen.has(mail.id)) continue;
      if (this.#isOver()) return;
      this.#seen.add(mail.id);
      this.#from = Math.min(this.#from ?? mail.at, mail.at);
      this.#dryRun.take({ id: mail.id, facts: mail.facts, answers: this.#answers.of(mail, covers) });
      if (performance.now() < until) continue;
      await setImmediate();
      await this.#parts.clock.sleep(STRETCH_MS, this.#call.signal);
      until = performance.now() + STRETCH_MS;
    }
  }

  #isOver(): boolean {
    this.#call.signal?.throwIfAborted();
    this.#cut ||= this.#seen.size >= this.#request.mailsMax || performance.now() > this.#call.deadlineAt - SPARE_MS;
    return this.#cut;
  }
}
