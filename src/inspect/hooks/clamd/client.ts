/** clamd, by its own protocol (clamd(8), `INSTREAM`): the mail in pieces with their length in front, an empty one at the end, one line back. */
import type { Call } from '#/model/index.ts';
import { quoted } from '../../hits.ts';
import { type Connect, type HookClient, type HookMail, type HookOpinion, NOTHING, UNREAD } from '../hook.ts';
import { HOOK_LIMITS } from '../limits.ts';
import { talk } from '../wire.ts';

const PIECE_BYTES = 262_144;
const NUL = 0;
const END = Buffer.alloc(4);

/** A virus scanner at that address. */
export function clamd(connect: Connect): HookClient {
  return {
    ask: ({ content }: HookMail, call: Call) =>
      talk(connect, HOOK_LIMITS.answerBytesMax, call, async (wire) => {
        await wire.write(Buffer.from('zINSTREAM\0'));
        for (let at = 0; at < content.length && !wire.hasHeard; at += PIECE_BYTES) {
          const piece = content.subarray(at, at + PIECE_BYTES);
          await wire.write(lengthOf(piece));
          await wire.write(piece);
        }
        await wire.write(END);
        return opinionOf((await wire.until(NUL)).toString('utf8'));
      }),
    ping: (call) =>
      talk(connect, HOOK_LIMITS.answerBytesMax, call, async (wire) => {
        await wire.write(Buffer.from('zPING\0'));
        const line = (await wire.until(NUL)).toString('utf8');
        if (line !== 'PONG') throw new Error(`its answer is “${quoted(line)}”`);
      }),
  };
}

function lengthOf({ length }: Uint8Array): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(length);
  return octets;
}

/** Names that clamd gives to what it could not look into, where it is told to report that (`AlertExceedsMax`, `AlertEncrypted`, …). */
const NOT_LOOKED_INTO = /^Heuristics\.(?:Limits\.Exceeded|Encrypted)/;

function opinionOf(line: string): HookOpinion {
  if (line === 'stream: OK') return NOTHING;
  const name = /^stream: (\S.*) FOUND$/s.exec(line)?.[1];
  if (name === undefined) {
    // Its own limit: more than it ever looks at. Whatever else it says is no answer about this mail.
    if (/^INSTREAM size limit exceeded\. ERROR$/.test(line)) return UNREAD;
    throw new Error(`its answer is “${quoted(line)}”`);
  }
  if (NOT_LOOKED_INTO.test(name)) return UNREAD;
  const virus = quoted(name, 100);
  return { ...NOTHING, found: [{ en: `it holds the virus “${virus}”`, ja: `ウイルス「${virus}」が検出された` }] };
}
