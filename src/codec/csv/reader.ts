/** Text into records. Every input gives records or the one error that ends them; nothing is guessed behind it. */

/** The fields of one record and the line on which it begins, from 1. Blank lines are no records. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/** A quote that never ends, or one that ends in the middle of a field: what follows can't be told apart. */
export class CsvError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = 'CsvError';
    this.line = line;
  }
}

/** RFC 4180 §2. Line ends are CRLF, LF or CR. A quote inside of an unquoted field is a letter. Throws `CsvError`. */
export function* readCsv(text: string, separator: string): Iterable<CsvRecord> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const begin = line;
    const fields: string[] = [];
    for (let more = true; more; ) {
      const field = text[at] === '"' ? quotedField(text, at, separator, line) : plainField(text, at, separator);
      fields.push(field.value);
      line += field.lines;
      more = text[field.end] === separator;
      at = more ? field.end + 1 : field.end;
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n' && text[at - 1] === '\r') at += 1;
    else if (text[at] === '\n') at += 1;
    line += 1;
    if (fields.length > 1 || fields[0] !== '') yield { line: begin, fields };
  }
}

/** The separator of a file, by its first line: the one that stands there most often outside of quotes. */
export function separatorOf(text: string): string {
  const first = (/^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(text)?.[0] ?? '').replace(/"(?:[^"]|"")*"/g, '');
  const counted = [',', ';', '\t'].map((each) => ({ each, count: first.split(each).length }));
  return counted.toSorted((one, other) => other.count - one.count)[0]?.each ?? ',';
}

interface Field {
  readonly value: string;
  /** Where the text goes on: a separator, a line end, or the end. */
  readonly end: number;
  /** Line ends in it. */
  readonly lines: number;
}

function plainField(text: string, from: number, separator: string): Field {
  let end = from;
  while (end < text.length && text[end] !== separator && text[end] !== '\r' && text[end] !== '\n') end += 1;
  return { value: text.slice(from, end), end, lines: 0 };
}

function quotedField(text: string, from: number, separator: string, line: number): Field {
  const pieces: string[] = [];
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw new CsvError(line, 'a quotation mark is opened and never closed');
    pieces.push(text.slice(at, quote));
    if (text[quote + 1] !== '"') {
      const next = text[quote + 1];
      if (next !== undefined && next !== separator && next !== '\r' && next !== '\n')
        throw new CsvError(line, 'text stands behind a closing quotation mark');
      const value = pieces.join('"');
      return { value, end: quote + 1, lines: value.split(/\r\n|\r|\n/).length - 1 };
    }
    at = quote + 2;
  }
}
