/** The board of this host's steward, by its socket. */
import { join } from 'node:path';
import type { Settings } from '#/config/index.ts';
import type { StatusView } from '#/model/index.ts';
import type { StatusBoard } from '#/ports/index.ts';
import { LocalCaller } from './local-caller.ts';
import { STATUS_VIEW, STEWARD_SOCKET } from './places.ts';

/** Connects when it is first asked. */
export function boardOf({ data }: Pick<Settings, 'data'>): StatusBoard & AsyncDisposable {
  const caller = new LocalCaller(join(data, STEWARD_SOCKET));
  return {
    read: async (call) => (await caller.call(STATUS_VIEW, null, call)) as StatusView,
    [Symbol.asyncDispose]: () => caller[Symbol.asyncDispose](),
  };
}
