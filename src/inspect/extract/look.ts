/** Looks at one piece: what it is, what it says, what is inside. Whatever its octets are, the answer is a part, and a line for what stays dark. */
import { endsAsZip, readZip } from './archives/zip.ts';
import type { Dig, Draft, Look, Piece } from './dig.ts';
import { readerFor } from './readers.ts';
import { trueTypeOf } from './sniff.ts';

export function lookWith(dig: Dig): Look {
  const look: Look = (piece) => lookAt(dig, look, piece);
  return look;
}

/** Kinds that are begun by other octets than an archive, which may follow: programs that unpack themselves, pictures with a file behind. */
const mayHideZip =
  /^$|^(?:image|audio|video|font|text)\/|^application\/(?:pdf|rtf|x-msdownload|x-elf|x-mach|x-sh|vnd\.microsoft\.portable)/;

/** Of these kinds no text is expected: nothing that policy asks for is missed. */
const silentKinds = /^(?:image|audio|video|font)\//;

async function lookAt(dig: Dig, look: Look, piece: Piece): Promise<Draft | null> {
  await dig.turn();
  const draft = dig.begin(piece, piece.octets);
  if (draft === null) return null;
  if (dig.over) dig.cannot(draft.path, 'too-slow', 'there was no time left for it');
  else if (piece.depth > dig.limits.depthMax) {
    dig.cannot(draft.path, 'too-deep', `it stands in more than ${dig.limits.depthMax} files`);
  } else await read(dig, look, piece, draft);
  return draft;
}

async function read(dig: Dig, look: Look, piece: Piece, draft: Draft): Promise<void> {
  const { octets, declaredType } = piece;
  try {
    draft.trueType = await trueTypeOf({ octets, name: draft.name ?? '', declaredType });
    const reader = readerFor(draft.trueType, declaredType);
    const reading = { dig, look, draft, piece };
    const isAlsoZip = mayHideZip.test(draft.trueType ?? '') && endsAsZip(octets);
    if (isAlsoZip) {
      draft.trueType ??= 'application/zip';
      await readZip(reading);
    }
    if (reader !== null) await reader(reading);
    else if (!isAlsoZip && octets.length > 0 && !silentKinds.test(draft.trueType ?? '')) {
      dig.cannot(draft.path, 'unknown-format', draft.trueType ?? 'nobody knows what it is');
    }
    if (dig.over) dig.cannot(draft.path, 'too-slow', 'there was no time to read all of it');
  } catch (error) {
    dig.failed(draft, error);
  }
}
