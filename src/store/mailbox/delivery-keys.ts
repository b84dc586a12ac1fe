import { Fault } from '#/model/index.ts';
import type { DeliveryKey } from '#/ports/index.ts';
import { deliveredKeysMax } from './limits.ts';

/** The keys of one question; fault `mailbox.refused` where they are too many. */
export function checkedKeys(keys: readonly DeliveryKey[]): readonly DeliveryKey[] {
  if (keys.length > deliveredKeysMax)
    throw new Fault('mailbox.refused', `At most ${deliveredKeysMax} keys in one call.`);
  return keys;
}
