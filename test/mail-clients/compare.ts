/** Two servers side by side: the same script, and where their answers part. */
import type { Answers } from './compare/run.ts';

/** One fact that two servers tell differently; null where one does not tell it. */
export interface Difference {
  readonly step: string;
  readonly about: string;
  readonly reference: string | null;
  readonly ours: string | null;
}

/** All facts in which `ours` parts from `reference`. */
export function differences(reference: Answers, ours: Answers): readonly Difference[] {
  return [...reference].flatMap(([step, facts]) => {
    const others = ours.get(step) ?? new Map<string, string>();
    const about = new Set([...facts.keys(), ...others.keys()]);
    return [...about]
      .map((key) => ({ step, about: key, reference: facts.get(key) ?? null, ours: others.get(key) ?? null }))
      .filter((found) => found.reference !== found.ours);
  });
}
