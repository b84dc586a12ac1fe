/** What a closed door of custody says. */
import { type Reply, replies } from '#/codec/smtp/index.ts';
import type { IntakeRoom } from '#/ports/index.ts';

/** The reply for a closed door. */
export function replyForRoom(room: Extract<IntakeRoom, { open: false }>): Reply {
  return ROOM_REPLIES[room.why];
}

const ROOM_REPLIES = { disk: replies.diskShort, store: replies.tryLater, closing: replies.closing } as const;
