/** What subjects are compared by when messages are sorted and tied into threads (RFC 5256 §2.1). */
import { decodeWords } from './encoded-words.ts';
import { baseSubjectCharsMax } from './limits.ts';

export interface BaseSubject {
  readonly text: string;
  /** Whether marks of a reply or a forward were taken off. */
  readonly isReply: boolean;
}

/** subj-trailer, all of them. */
const trailer = /(?:\(fwd\)| )+$/i;
/** subj-leader: blobs may stand before `Re:`, `Fw:` or `Fwd:`. */
const leader = /^(?:(?:\[[^[\]]*\] *)*(?:re|fwd?) *(?:\[[^[\]]*\] *)?:| +)/i;
const blob = /^\[[^[\]]*\] */;
const forwarded = /^\[fwd:(.*)\]$/i;

/** The base subject of a Subject field, raw or decoded; of its first 1,000 characters, because marks can be nested without end. */
export function baseSubject(subject: string): BaseSubject {
  // Step 1.
  let text = decodeWords(subject).slice(0, baseSubjectCharsMax).toWellFormed().replace(/\s+/g, ' ');
  let isReply = false;
  for (;;) {
    const before = text;
    const end = trailer.exec(text);
    if (end !== null) {
      isReply ||= end[0].trim() !== '';
      text = text.slice(0, end.index);
    }
    const led = withoutLeaders(text);
    isReply ||= led.isReply;
    text = led.text;
    // Step 6.
    const inner = forwarded.exec(text)?.[1];
    if (inner !== undefined) {
      isReply = true;
      text = inner;
    }
    if (text === before) return { text, isReply };
  }
}

/** Steps 3 to 5. */
function withoutLeaders(subject: string): BaseSubject {
  let text = subject;
  let isReply = false;
  for (;;) {
    const lead = leader.exec(text)?.[0];
    if (lead !== undefined) {
      isReply ||= lead.trim() !== '';
      text = text.slice(lead.length);
      continue;
    }
    const mark = blob.exec(text)?.[0] ?? '';
    // A subject that is nothing but a blob keeps it.
    if (mark === '' || mark.length === text.length) return { text, isReply };
    text = text.slice(mark.length);
  }
}
