/** Which octets of a message a section names (RFC 9051 §6.4.5.1). */
import type { Section } from '#/codec/imap/index.ts';
import type { MessageFacts, Part } from '#/codec/mime/index.ts';

/** Octets of the whole message, `[from, to)`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Null: the message has no such section. Of `fields` it is the header section that they are picked from. */
export function rangeOf(section: Section, facts: MessageFacts, size: number): Range | null {
  if (section.part.length === 0) return rangeOfMessage(section.of, facts.structure.body, size);
  const part = partAt(facts.structure, section.part);
  if (part === null) return null;
  switch (section.of) {
    case 'all':
      return { from: part.body, to: part.end };
    case 'mime':
      return { from: part.head, to: part.body };
    default:
      return part.message === null ? null : rangeInside(section.of, part.message.structure, part.end);
  }
}

/** Without facts, where the octets of the whole message do. */
export function rangeOfMessage(of: Section['of'], body: number, size: number): Range {
  if (of === 'all') return { from: 0, to: size };
  return of === 'text' ? { from: body, to: size } : { from: 0, to: body };
}

function rangeInside(of: Section['of'], inner: Part, end: number): Range {
  return of === 'text' ? { from: inner.body, to: end } : { from: inner.head, to: inner.body };
}

/** RFC 9051 §6.4.5.1: every message has at least one part number; a message in a message counts on inside. */
export function partAt(structure: Part, numbers: readonly number[]): Part | null {
  let part: Part = structure;
  let first = true;
  for (const number of numbers) {
    const parts = first ? numbered(part) : numberedBelow(part);
    const next = parts[number - 1];
    if (next === undefined) return null;
    part = next;
    first = false;
  }
  return part;
}

/** The parts of a message by their numbers: those of its multipart, or itself. */
function numbered(structure: Part): readonly Part[] {
  return structure.type === 'multipart' ? structure.parts : [structure];
}

function numberedBelow(part: Part): readonly Part[] {
  if (part.message !== null) return numbered(part.message.structure);
  return part.type === 'multipart' ? part.parts : [];
}
