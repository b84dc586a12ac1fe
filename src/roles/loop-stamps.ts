/** Loop stamps under a key of their own that is made from the installation's: every host that has that one knows them. */
import { createHmac } from 'node:crypto';
import { formatStamp, readStamp, stampedText } from '#/codec/stamp/index.ts';
import type { Settings } from '#/config/index.ts';
import type { Clock, KnownStamp, LoopStamps } from '#/ports/index.ts';
import { openInstallationKey } from '#/store/keys/index.ts';

const PURPOSE = 'holdfast loop-stamps 1';
/** Design 6. */
const AGE_MS_MAX = 15 * 60_000;
/** Clocks of hosts of ours may part by so much. */
const AHEAD_MS_MAX = 60_000;
/** What a mail may carry; whoever writes more of them is playing. */
const VALUES_MAX = 8;

/** The installation's key is read when the first of them is written or read: the stores have made it by then. Fault `key.missing`. */
export function openLoopStamps({ secrets }: Pick<Settings, 'secrets'>, clock: Pick<Clock, 'now'>): LoopStamps {
  let opened: LoopStamps | null = null;
  const stamps = (): LoopStamps => (opened ??= loopStampsOf(openInstallationKey(secrets.key.file, true), clock));
  return {
    known: (values, tenant, head) => (values.length === 0 ? null : stamps().known(values, tenant, head)),
    write: (stamp, tenant, head) => stamps().write(stamp, tenant, head),
  };
}

export function loopStampsOf(installationKey: Uint8Array, clock: Pick<Clock, 'now'>): LoopStamps {
  const key = createHmac('sha256', installationKey).update(PURPOSE).digest();
  return {
    known(values, tenant, head) {
      const text = values.length === 0 ? null : stampedText(head);
      if (text === null) return null;
      const now = clock.now();
      const found = values.slice(0, VALUES_MAX).flatMap((value): KnownStamp[] => {
        const stamp = readStamp(value, { key, tenant, text });
        const isFresh = stamp !== null && now - stamp.at <= AGE_MS_MAX && stamp.at - now <= AHEAD_MS_MAX;
        return isFresh ? [{ value, hop: stamp.hop }] : [];
      });
      return found.sort((one, other) => other.hop - one.hop)[0] ?? null;
    },
    write(stamp, tenant, head) {
      const text = stampedText(head);
      return text === null ? null : formatStamp(stamp, { key, tenant, text });
    },
  };
}
