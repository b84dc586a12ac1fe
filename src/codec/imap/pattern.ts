/** Patterns of LIST (RFC 9051 §6.3.9): `*` is any letters, `%` any but the delimiter. */
import { patternWildcardsMax } from './limits.ts';

const inbox = 'INBOX';

const EVERY_WILDCARD = /[*%]/g;

/** More wildcards than anyone writes: such a pattern is refused, since the work grows with them. */
export function isTooWild(pattern: string): boolean {
  return (collapsed(pattern).match(EVERY_WILDCARD)?.length ?? 0) > patternWildcardsMax;
}

/**
 * Whether a name matches. Each part of the pattern moves the places in the name that can be reached on, all at once: the work is the name's length
 * times the wildcards', whatever they are. One that is too wild matches nothing.
 */
export function matches(pattern: string, name: string): boolean {
  if (isTooWild(pattern)) return false;
  const parts = collapsed(pattern).split(/([*%])/);
  const isInbox = name === inbox || name.startsWith(`${inbox}/`);
  let places = new Uint8Array(name.length + 1);
  places[0] = 1;
  for (const part of parts) {
    if (part === '*' || part === '%') spread(places, name, part);
    else if (part !== '') places = move(places, name, part, isInbox);
  }
  return places[name.length] === 1;
}

/** Neighbouring wildcards are one: `*` where one of them is. */
function collapsed(pattern: string): string {
  return pattern.replace(/[*%]{2,}/g, (run) => (run.includes('*') ? '*' : '%'));
}

/** From each place on, all that follow; behind `%` up to the delimiter. */
function spread(places: Uint8Array, name: string, wildcard: '*' | '%'): void {
  for (let at = 0; at < name.length; at++)
    if (places[at] === 1 && (wildcard === '*' || name[at] !== '/')) places[at + 1] = 1;
}

function move(places: Uint8Array, name: string, letters: string, isInbox: boolean): Uint8Array<ArrayBuffer> {
  const moved = new Uint8Array(places.length);
  for (let at = 0; at + letters.length <= name.length; at++)
    if (places[at] === 1 && standsAt(name, letters, at, isInbox)) moved[at + letters.length] = 1;
  return moved;
}

/** RFC 9051 §5.1: INBOX counts in any case, other names do not. */
function standsAt(name: string, letters: string, at: number, isInbox: boolean): boolean {
  if (name.startsWith(letters, at)) return true;
  const folded = isInbox ? Math.max(0, Math.min(letters.length, inbox.length - at)) : 0;
  return folded > 0 && name.startsWith(upper(letters.slice(0, folded)) + letters.slice(folded), at);
}

/** Of ASCII alone: a Turkish ı is no I. */
function upper(letters: string): string {
  return letters.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}
