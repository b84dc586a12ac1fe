/** What the acts of the drill of redelivery share: the installation at work, and how it stands. */
import { type Crowd, eventually, type Installation, type ScriptedHop } from './kit/index.ts';

export interface RedeliveryScene {
  readonly installation: Installation;
  readonly hop: ScriptedHop;
  readonly crowd: Crowd;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** As `holdfast affected --json` says it. */
export interface Affected {
  readonly messages: number;
  readonly recipients: number;
  readonly unserved: number;
  readonly tenants: readonly { readonly tenant: string; readonly unserved: number }[];
}

/** As `holdfast audit --json` says it, recipients. */
export interface Audit {
  readonly balanced: boolean;
  readonly orphans: readonly unknown[];
  readonly tenants: readonly { readonly tenant: string; readonly queued: number }[];
}

const SETTLED_MS = 15 * 60_000;

/** Waits until what still can move has gone: the books have as many in the queue as the hop has not. */
export async function settled({ installation, crowd: { tally }, signal }: RedeliveryScene): Promise<void> {
  await eventually(
    'everything that can go has gone',
    async () => {
      signal.throwIfAborted();
      const before = tally.served;
      const { tenants } = await installation.json<Audit>('audit');
      const queued = tenants.reduce((sum, one) => sum + one.queued, 0);
      return before === tally.served && queued === tally.promised - tally.served;
    },
    SETTLED_MS,
  ).catch(() => signal.throwIfAborted());
}

/** The counts by tenant, and the time that the command took, ms. */
export async function affectedIn(installation: Installation, from: number, to: number): Promise<[Affected, number]> {
  const began = performance.now();
  const found = await installation.json<Affected>('affected', ...windowOf(from, to));
  return [found, performance.now() - began];
}

/** Words of the command line for what was inspected in this window, wall-clock ms. */
export function windowOf(from: number, to: number): readonly string[] {
  return ['--from', new Date(from).toISOString(), '--to', new Date(to).toISOString(), '--component', 'inspect'];
}

/** Recipients that had their 250 and were not served, by tenant; none where there is none. */
export function unservedByTenant(crowd: Crowd): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (let mail = 0; mail < crowd.mails; mail++)
    for (let n = 0; n < crowd.recipientsOf(mail); n++)
      if (crowd.tally.wasPromised(mail, n) && crowd.tally.timesServed(mail, n) === 0) {
        const id = crowd.idOf(crowd.tenantOf(mail));
        found.set(id, (found.get(id) ?? 0) + 1);
      }
  return found;
}
