/** Acts of a person on held mail and approvals: by IDs or a filter, until nothing is left, with what was done and what was not. */
import { EXIT, type ExitCode } from './exit-codes.ts';
import { usage } from './flags.ts';
import type { Order } from './verb.ts';
import { formatCount } from './when.ts';

export const HELD_ACTS = {
  release: 'released',
  stop: 'stopped',
  delete: 'deleted',
  approve: 'approved',
  reject: 'rejected, and their senders are told',
} as const;
export type HeldWord = keyof typeof HELD_ACTS;

interface Done {
  readonly recipients: number;
  readonly messages: readonly string[];
  readonly refused: number;
  readonly why: string | null;
  readonly late: number;
  readonly more: boolean;
}

const ROUND_MS = 60_000;

/** Whether a word is an act. */
export function isHeldAct(word: string): word is HeldWord {
  return Object.hasOwn(HELD_ACTS, word);
}

/** What every call names: who acts. */
export function whoOf({ flags }: Order): { readonly as?: string } {
  const as = flags.text('as');
  return as === null ? {} : { as };
}

/** Exit 1 where nothing was hit. */
export async function actOnHeld(act: HeldWord, ids: readonly string[], order: Order): Promise<ExitCode> {
  const { flags, terminal, json } = order;
  const filter = flags.text('filter');
  if ((filter === null) === (ids.length === 0))
    throw usage('Say which mail is meant: IDs, or --filter with words such as from:alice@acme.test.');
  const asItIs = flags.is('as-it-is');
  if (asItIs && (act !== 'release' || filter !== null)) throw usage('--as-it-is is for a release, by IDs.');
  const reason = flags.text('reason') ?? '';
  const input = { ...whoOf(order), ids, filter: filter ?? '', reason, ...(asItIs && { asItIs }) };
  await using server = await order.operations('changes');
  let sum: Done = { recipients: 0, messages: [], refused: 0, why: null, late: 0, more: false };
  do {
    const step = await server.call<Done>(`held.${act}`, input, { deadlineMs: ROUND_MS });
    sum = added(sum, step);
    if (step.recipients === 0) break;
  } while (sum.more);
  if (json) order.answer(sum);
  else terminal.print(outcome(act, sum));
  return sum.recipients > 0 ? EXIT.done : EXIT.no;
}

// What may not be done is counted anew by each round.
function added(before: Done, step: Done): Done {
  return {
    ...step,
    recipients: before.recipients + step.recipients,
    messages: [...new Set([...before.messages, ...step.messages])],
    late: before.late + step.late,
  };
}

function outcome(act: HeldWord, { recipients, refused, why, late }: Done): string {
  const lines = [recipients === 0 ? 'Nothing was changed.' : `${of(recipients)} ${HELD_ACTS[act]}.`];
  if (refused > 0) lines.push(`${of(refused)} left as they are: ${why}`);
  if (late > 0) lines.push(`${of(late)} had just been moved by somebody else, or their time had come.`);
  return lines.join('\n');
}

function of(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'recipient' : 'recipients'}`;
}
