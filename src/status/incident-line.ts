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
    this.tellAs(told(change));
  }

  /** The same of a part of a component, by who knows what it stands on. */
  tellAs(change: ComponentChange): void {
    this.#untold = [...this.#untold, change].slice(-unwrittenChangesMax);
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
    const call = within(ASK_MS);
    // Apart, so that what runs is known however much came after it.
    const [open, recent] = await Promise.all([
      this.#incidents.list({ open: true }, shownIncidents, call),
      this.#incidents.list({ since: now - shownDays * DAY_MS }, shownIncidents, call),
    ]);
    this.#known = merged(open, recent);
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

/** Each once, newest first. */
function merged(open: readonly Incident[], recent: readonly Incident[]): readonly Incident[] {
  const byId = new Map([...open, ...recent].map((one) => [one.id, one]));
  return [...byId.values()].toSorted((a, b) => b.createdAt - a.createdAt);
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
