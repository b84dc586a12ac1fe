/**
 * The watch's side of incidents: what was published is asked for, and each change of a component is told. While who keeps them is away, changes wait, up to a
 * bound, in their order.
 */
import { type ComponentChange, type ComponentKind, type Incident, type StateChange, within } from '#/model/index.ts';
import { type Incidents, Refusal } from '#/ports/index.ts';
import { shownDays, shownIncidents, unwrittenChangesMax } from './limits.ts';

const ASK_MS = 5_000;
const DAY_MS = 86_400_000;

export class IncidentLine {
  readonly #incidents: Incidents;
  #untold: ComponentChange[] = [];
  #known: readonly Incident[] = [];
  #isTalking = false;

  constructor(incidents: Incidents) {
    this.#incidents = incidents;
  }

  /** What was published, newest first, as it was known last. */
  get known(): readonly Incident[] {
    return this.#known;
  }

  tell(change: StateChange): void {
    this.#untold = [...this.#untold, told(change)].slice(-unwrittenChangesMax);
  }

  /** Tells what waits, and asks again. Never rejects, never waits. */
  talk(now: number): void {
    if (this.#isTalking) return;
    this.#isTalking = true;
    void this.#talk(now)
      .catch(() => {})
      .finally(() => {
        this.#isTalking = false;
      });
  }

  async #talk(now: number): Promise<void> {
    // What people are told is shown even while no change can be told.
    await this.#tellAll().catch(() => {});
    this.#known = await this.#incidents.list({ since: now - shownDays * DAY_MS }, shownIncidents, within(ASK_MS));
  }

  async #tellAll(): Promise<void> {
    for (let [next] = this.#untold; next !== undefined; [next] = this.#untold) {
      const told = next;
      await this.#incidents.changed(told, within(ASK_MS)).catch((error: unknown) => {
        // One that is refused, such as by an incident that is full, would be refused for ever, and stand before all others.
        if (!(error instanceof Refusal) || error.exit === 4) throw error;
      });
      this.#untold = this.#untold.filter((one) => one !== told);
    }
  }
}

/** What components stand on together: symptoms of one layer within some minutes have one cause. */
const LAYERS: Readonly<Record<ComponentKind, string>> = {
  gateway: 'queue',
  delivery: 'queue',
  inspection: 'inspection',
  mailboxes: 'mailboxes',
  imap: 'mailboxes',
  pop3: 'mailboxes',
  portal: 'portal',
  upstreams: 'upstream:routes',
  records: 'records',
};

function told({ component, from, to, since, reasons }: StateChange): ComponentChange {
  const kind = component.slice(component.indexOf('.') + 1);
  return {
    ...{ component, from, to, since },
    measured: Object.fromEntries(reasons.map(({ rule, measured }) => [rule, measured])),
    reason: reasons[0]?.text ?? { en: 'It works again.', ja: '復旧しました。' },
    layer: (LAYERS as Readonly<Record<string, string>>)[kind] ?? kind,
  };
}
