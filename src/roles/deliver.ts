/** The role `deliver`: outbound mail and, until mailboxes come, local mail by LMTP. What is not in its parts can't be reached from it. */
import { type Call, Fault, TRY_DESTINATION } from '#/model/index.ts';
import { type DelivererParts, type OutboundSettings, startDeliverer } from '#/outbound/index.ts';
import type { Slot, Work } from '#/ports/index.ts';

export type DeliverSettings = OutboundSettings;
export type DeliverParts = DelivererParts;

export interface RunningDeliver extends AsyncDisposable {
  /** Offers it a place of work with nothing in it, and resolves when it has come, asked for mail and given the place back (M6). */
  prove(call: Call): Promise<void>;
}

/** Takes offers of work as soon as it resolves; disposing it ends running transactions within their grace time. */
export async function startDeliver(settings: DeliverSettings, parts: DeliverParts): Promise<RunningDeliver> {
  let offer: ((slot: Slot) => void) | null = null;
  const work: Work = {
    onReady: (start) => {
      offer = start;
      return parts.work.onReady(start);
    },
    mayAttempt: () => parts.work.mayAttempt(),
    retryAt: (attempts) => parts.work.retryAt(attempts),
  };
  const deliverer = startDeliverer(settings, { ...parts, work });
  return {
    prove: (call) => visit(offer, call),
    [Symbol.asyncDispose]: () => deliverer[Symbol.asyncDispose](),
  };
}

async function visit(offer: ((slot: Slot) => void) | null, call: Call): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let asked = false;
  const slot: Slot = {
    destination: TRY_DESTINATION,
    probe: false,
    next: () => {
      asked = true;
      return null;
    },
    finish: () => {},
    alive: () => {},
    trouble: () => {},
    release: () => (asked ? resolve() : reject(new Error('it asks for no mail: its heartbeat is late'))),
  };
  const late = setTimeout(() => reject(new Fault('call.late')), Math.max(0, call.deadlineAt - performance.now()));
  offer?.(slot);
  await promise.finally(() => clearTimeout(late));
}
