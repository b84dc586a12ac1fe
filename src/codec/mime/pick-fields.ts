/**
 * Some fields of a header section, as they came (RFC 9051 §6.4.5.1: HEADER.FIELDS, HEADER.FIELDS.NOT). Mail programs ask for the same few of
 * thousands of messages, so a picker is made once, and makes no text of the names that it meets.
 */
import { endOfField, endOfLine, fieldNameEnd, isBlank, LF, mailboxLine, view } from './headers.ts';

const CRLF: Buffer = Buffer.from('\r\n');
/** Lower case of a letter of US-ASCII; what else it makes of an octet is compared exactly behind it. */
const LOWER = 0x20;

export class FieldPicker {
  /** Names in lower case, by their length. */
  readonly #names: ReadonlyMap<number, readonly Buffer[]>;
  readonly #not: boolean;

  /** The fields of these names (any case), or with `not` all others. */
  constructor(names: readonly string[], not: boolean) {
    const lower = names.map((name) => Buffer.from(name.toLowerCase(), 'latin1'));
    this.#names = Map.groupBy(lower, ({ length }) => length);
    this.#not = not;
  }

  /** Folding and line ends as they are, then the empty line. */
  pick(head: Uint8Array): Uint8Array {
    const source = view(head);
    const runs: number[] = [];
    let fieldsEnd = 0;
    let at = mailboxLine(source);
    while (at < source.length) {
      const lineEnd = endOfLine(source, at);
      const nameEnd = fieldNameEnd(source, at);
      if (nameEnd < 0) {
        if (isBlank(source, at, lineEnd)) at = lineEnd;
        break;
      }
      fieldsEnd = endOfField(source, lineEnd);
      if (this.#isNamed(source, at, nameEnd) !== this.#not) {
        if (runs.at(-1) === at) runs[runs.length - 1] = fieldsEnd;
        else runs.push(at, fieldsEnd);
      }
      at = fieldsEnd;
    }
    return joined(source, runs, endings(source, fieldsEnd, at, runs.length > 0));
  }

  #isNamed(source: Buffer, from: number, to: number): boolean {
    const candidates = this.#names.get(to - from);
    return candidates?.some((name) => isSame(source, from, name)) === true;
  }
}

function isSame(source: Buffer, from: number, name: Buffer): boolean {
  for (let i = 0; i < name.length; i++) {
    const octet = source[from + i] ?? 0;
    const isUpper = octet >= 0x41 && octet <= 0x5a;
    if ((isUpper ? octet | LOWER : octet) !== name[i]) return false;
  }
  return true;
}

/** What stands behind the picked fields: the empty line, and before it a line end where the message ends within a field. */
function endings(source: Buffer, fieldsEnd: number, body: number, hasPicked: boolean): readonly Buffer[] {
  const emptyLine = fieldsEnd > 0 && body > fieldsEnd ? source.subarray(fieldsEnd, body) : CRLF;
  const isCut = fieldsEnd > 0 && source[fieldsEnd - 1] !== LF && hasPicked;
  return isCut ? [CRLF, emptyLine] : [emptyLine];
}

/** `runs` holds begin and end in turn. */
function joined(source: Buffer, runs: readonly number[], ends: readonly Buffer[]): Uint8Array {
  let bytes = 0;
  for (let i = 0; i < runs.length; i += 2) bytes += (runs[i + 1] ?? 0) - (runs[i] ?? 0);
  for (const { length } of ends) bytes += length;
  const whole = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (let i = 0; i < runs.length; i += 2) at += source.copy(whole, at, runs[i] ?? 0, runs[i + 1] ?? 0);
  for (const end of ends) at += end.copy(whole, at);
  return whole;
}
