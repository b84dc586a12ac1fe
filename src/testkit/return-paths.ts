/** Reverse-paths and loop stamps under a key that every test knows. */
import type { Clock, LoopStamps, ReturnPaths } from '#/ports/index.ts';
import { loopStampsOf } from '#/roles/loop-stamps.ts';
import { returnPathsOf } from '#/roles/return-paths.ts';

const KEY = Buffer.alloc(32, 7);

export function testReturnPaths(clock: Pick<Clock, 'now'>): ReturnPaths {
  return returnPathsOf(KEY, clock);
}

export function testLoopStamps(clock: Pick<Clock, 'now'>): LoopStamps {
  return loopStampsOf(KEY, clock);
}
