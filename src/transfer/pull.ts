/**
 * Brings an account of another server, and goes on when that, or the way to it, was away: by looking anew, and skipping what came.
 * Budget: `awayMs` without a single message (patience.ts).
 */
import { type BringOptions, type BringParts, type Brought, bring } from './bring.ts';
import { tryAgainMsMax } from './limits.ts';
import { Budget } from './patience.ts';
import { type Source, SourceTrouble } from './source.ts';

export interface PullParts extends Omit<BringParts, 'source'> {
  readonly open: () => Promise<Source>;
  /** Why it waits. */
  readonly onWait: (why: string) => void;
}

/** As `bring`; also what each look had to say beside it. */
export async function pull(
  options: BringOptions,
  { open, onWait, ...parts }: PullParts,
): Promise<{ readonly brought: Brought; readonly notes: readonly string[] }> {
  const budget = new Budget(tryAgainMsMax);
  for (;;) {
    const before = parts.ledger.imported;
    try {
      await using source = await open();
      return { brought: await bring(options, { ...parts, source }), notes: source.notes };
    } catch (error) {
      if (!(error instanceof SourceTrouble) || !error.retry || options.signal.aborted) throw error;
      if (parts.ledger.imported > before) budget.renew();
      onWait(error.message);
      if (!(await budget.wait({ clock: parts.clock, signal: options.signal }))) throw error;
    }
  }
}
