/**
 * A server's replies, as the delivering side reads them. States: between lines; inside a reply of several lines;
 * malformed, which is final, for after it no answer can be matched to its question.
 * What must never happen: a reply without bound, or text that ends a line wherever it is written down (RFC 3464 §2.3.6).
 */
import { isUtf8 } from 'node:buffer';
import { peerReplyBytesMax, peerReplyLineBytesMax, peerReplyLinesMax } from './limits.ts';

/** What a server answered (RFC 5321 §4.2). */
export interface ServerReply {
  readonly code: number;
  /** RFC 2034 §4; null where there is none, or none that fits the code. */
  readonly enhanced: string | null;
  /** Without codes, controls as blanks. */
  readonly lines: readonly string[];
}

export type ReplyStep =
  | { readonly kind: 'reply'; readonly reply: ServerReply }
  | { readonly kind: 'hungry' }
  | { readonly kind: 'malformed'; readonly why: string };

const hungry: ReplyStep = { kind: 'hungry' };
const replyLine = /^([2-5][0-9][0-9])(?:([ -])(.*))?$/s;
const enhancedCode = /^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)/;

export class ReplyParser {
  #input: Buffer = Buffer.alloc(0);
  #code = 0;
  #lines: string[] = [];
  #bytes = 0;
  #malformed: ReplyStep | null = null;

  /** Takes what the server sent; ask for steps until `hungry`. */
  feed(chunk: Buffer): void {
    if (this.#malformed === null) this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
  }

  /** Octets that were fed and not yet read; after the answer to STARTTLS there must be none (RFC 3207 §4). */
  buffered(): number {
    return this.#input.length;
  }

  /** The next whole reply. */
  next(): ReplyStep {
    while (this.#malformed === null) {
      // Departs from RFC 5321 §2.3.8: a bare LF ends a reply too; old servers send it, and nothing is smuggled by it.
      const lineFeed = this.#input.indexOf(0x0a);
      if ((lineFeed < 0 ? this.#input.length : lineFeed) > peerReplyLineBytesMax)
        return this.#fail('a line of the reply is too long');
      if (lineFeed < 0) return hungry;
      const step = this.#line(this.#input.subarray(0, lineFeed));
      this.#input = this.#input.subarray(lineFeed + 1);
      if (step !== null) return step;
    }
    return this.#malformed;
  }

  #line(bytes: Buffer): ReplyStep | null {
    const text = isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1');
    const parts = replyLine.exec(text.endsWith('\r') ? text.slice(0, -1) : text);
    if (parts === null) return this.#fail('the reply does not begin with a code of three digits');
    const code = Number(parts[1]);
    if (this.#lines.length > 0 && code !== this.#code) return this.#fail('the lines of the reply differ in their code');
    this.#code = code;
    this.#bytes += bytes.length;
    this.#lines.push(oneLine(parts[3] ?? ''));
    if (this.#lines.length > peerReplyLinesMax || this.#bytes > peerReplyBytesMax)
      return this.#fail('the reply is too long');
    return parts[2] === '-' ? null : this.#finish();
  }

  #finish(): ReplyStep {
    const enhanced = readEnhanced(this.#code, this.#lines[0] ?? '');
    const lines = enhanced === null ? this.#lines : this.#lines.map((line) => withoutCode(line, enhanced));
    this.#lines = [];
    this.#bytes = 0;
    return { kind: 'reply', reply: { code: this.#code, enhanced, lines } };
  }

  #fail(why: string): ReplyStep {
    this.#malformed = { kind: 'malformed', why };
    this.#input = Buffer.alloc(0);
    return this.#malformed;
  }
}

/** RFC 2034 §4: the class of the enhanced code is that of the reply, or the code means nothing. */
function readEnhanced(code: number, line: string): string | null {
  const enhanced = enhancedCode.exec(line)?.[1] ?? null;
  return enhanced !== null && enhanced.charCodeAt(0) - 48 === Math.trunc(code / 100) ? enhanced : null;
}

function withoutCode(line: string, enhanced: string): string {
  return line.startsWith(enhanced) ? line.slice(enhanced.length).trimStart() : line;
}

function oneLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, ' ').trim();
}
