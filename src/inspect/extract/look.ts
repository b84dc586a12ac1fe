/** Looks at one piece: what it is, what it says, what is inside. Whatever its octets are, the answer is a part, and a line for what stays dark. */
import type { Dig, Look, Piece } from './dig.ts';
import { readerFor } from './readers.ts';
import { trueTypeOf } from './sniff.ts';

export function lookWith(dig: Dig): Look {
  const look: Look = (piece) => lookAt(dig, look, piece);
  return look;
}

/** Of these kinds no text is expected: nothing that policy asks for is missed. */
const silentKinds = /^(?:image|audio|video|font)\//;

async function lookAt(dig: Dig, look: Look, piece: Piece): Promise<void> {
  await dig.turn();
  const draft = dig.begin(piece, piece.octets);
  if (draft === null) return;
  if (dig.over) return dig.cannot(draft.path, 'too-slow', 'there was no time left for it');
  if (piece.depth > dig.limits.depthMax) {
    return dig.cannot(draft.path, 'too-deep', `it stands in more than ${dig.limits.depthMax} files`);
  }
  try {
    draft.trueType = await trueTypeOf({
      octets: piece.octets,
      name: draft.name ?? '',
      declaredType: piece.declaredType,
    });
    const reader = readerFor(draft.trueType, piece.declaredType);
    if (reader !== null) await reader({ dig, look, draft, piece });
    else if (piece.octets.length > 0 && !silentKinds.test(draft.trueType ?? '')) {
      dig.cannot(draft.path, 'unknown-format', draft.trueType ?? 'nobody knows what it is');
    }
  } catch (error) {
    // Readers answer for what they know of; this is for what nobody thought of, and no mail may make a worker fall.
    dig.call.signal?.throwIfAborted();
    dig.cannot(
      draft.path,
      'damaged',
      `it could not be read: ${error instanceof Error ? error.message : 'unknown fault'}`,
    );
  }
}
