/** Ratios beside their bars, as the table that a benchmark writes. */
import { table } from './report.ts';

/** A bar and whether it was reached. */
export interface Judged {
  readonly text: string;
  readonly met: boolean;
}

/** One line of the table of ratios. */
export interface RatioLine {
  readonly work: string;
  readonly peer: string;
  readonly ours: string;
  readonly ratio: string;
  readonly first: Judged | null;
  readonly goal: Judged | null;
}

/** The table, and one sentence on the bars. */
export function ratioTable(ratios: readonly RatioLine[]): string {
  const head = ['work', 'peer', 'Holdfast', 'ratio', 'first bar', 'where we are going'];
  return `${table(head, ratios.map(ratioCells))}\n\n${verdict(ratios)}`;
}

/** One sentence: how many bars are met, and which are not. */
function verdict(ratios: readonly RatioLine[]): string {
  const judged = ratios.filter(({ first }) => first !== null);
  const missed = judged.filter(({ first }) => first?.met === false).map(({ work }) => work);
  const goals = ratios.filter(({ goal }) => goal?.met === true).length;
  const list = missed.length === 0 ? '' : ` Missed: ${missed.join('; ')}.`;
  return `First bars met: ${judged.length - missed.length} of ${judged.length}; goals: ${goals}.${list}`;
}

function ratioCells({ work, peer, ours, ratio, first, goal }: RatioLine): string[] {
  return [work, peer, ours, ratio, judgedCell(first), judgedCell(goal)];
}

function judgedCell(judged: Judged | null): string {
  if (judged === null) return '–';
  return judged.met ? `${judged.text}: met` : `${judged.text}: **missed**`;
}
