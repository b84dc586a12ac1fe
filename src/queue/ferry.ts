/**
 * Carries mail by inspection while a bypass of its tenant stands (M8): what waits for `inspect` or its slow lane, due or not, over which a worker was lost or not,
 * is passed on to its next hop. Whoever delivers does it, so that no worker of inspection is needed for it, which may be what is broken.
 *
 * What must never happen: mail of another tenant passed on; more outcomes under way than the queue takes.
 */
import type { Claim, DestinationKey, IncarnationId, TenantId } from '#/model/index.ts';
import { isBeforeInspection, within } from '#/model/index.ts';
import type { Bypasses, Clock, Custody, Depth, Passage, Routing } from '#/ports/index.ts';
import { passedBy } from '#/ports/index.ts';
import type { QueueSettings } from './settings.ts';
import type { Settler } from './settler.ts';

export interface FerryParts {
  readonly custody: Pick<Custody, 'claim'>;
  readonly clock: Clock;
  readonly worker: IncarnationId;
  readonly settler: Pick<Settler, 'submit' | 'pending'>;
  readonly bypasses: Bypasses;
  readonly routing: Pick<Routing, 'plan'>;
}

export class Ferry {
  readonly #settings: Pick<QueueSettings, 'lanes' | 'pace'>;
  readonly #parts: FerryParts;

  constructor(settings: Pick<QueueSettings, 'lanes' | 'pace'>, parts: FerryParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Passes on what waits, as it was last seen. */
  async look(seen: readonly Depth[]): Promise<void> {
    for (const { destination, tenant } of seen) {
      if (isBeforeInspection(destination)) await this.#carry(tenant, destination);
    }
  }

  async #carry(tenant: TenantId, destination: DestinationKey): Promise<void> {
    const { custody, clock, worker, settler, bypasses } = this.#parts;
    const { batch: limit, unsettledMax } = this.#settings.lanes;
    // Asked before each batch: it ends in the middle of a backlog as well.
    for (let passage = bypasses.of(tenant); passage !== null; passage = bypasses.of(tenant)) {
      if (settler.pending >= unsettledMax) return;
      const request = { kind: 'due', destination, tenant, fresh: false, ignoreDue: true } as const;
      const call = within(this.#settings.pace.callMs);
      const claims = await custody.claim({ ...request, now: clock.now(), limit }, worker, call);
      for (const claim of claims) this.#pass(claim, passage);
      if (claims.reduce((sum, { recipients }) => sum + recipients.length, 0) < limit) return;
    }
  }

  #pass(claim: Claim, passage: Passage): void {
    const { tenant, purpose, identity } = claim.mail;
    const outcomes = claim.recipients.map((recipient) => {
      const { destination } = this.#parts.routing.plan(recipient.address, purpose, tenant, identity);
      return { n: recipient.n, outcome: passedBy(passage, recipient, destination) };
    });
    this.#parts.settler.submit({ claim, outcomes, born: [], elapsedMs: 0, peer: null });
  }
}
