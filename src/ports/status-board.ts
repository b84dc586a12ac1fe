/** The state of the installation as the one who watches over it knows it now: for pages, operators and programs. */
import type { Call, StatusView } from '#/model/index.ts';

export interface StatusBoard {
  /** Rejects with `server.unreachable` or `call.late` where nobody watches; what was known before is then old, not wrong. */
  read(call: Call): Promise<StatusView>;
}
