/** Reverse-paths under a key that every test knows. */
import type { Clock, ReturnPaths } from '#/ports/index.ts';
import { returnPathsOf } from '#/roles/return-paths.ts';

export function testReturnPaths(clock: Pick<Clock, 'now'>): ReturnPaths {
  return returnPathsOf(Buffer.alloc(32, 7), clock);
}
