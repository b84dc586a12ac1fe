/** What threads are made of. */
export interface Threaded {
  readonly number: number;
  readonly sentAt: number;
  /** RFC 5256 §2.1, folded. */
  readonly subject: string;
  readonly isReply: boolean;
  readonly messageId: string | null;
  /** Oldest first. */
  readonly references: readonly string[];
}

/** RFC 5256 §2.2: by date sent, then by number. */
export function byTime(one: Threaded, other: Threaded): number {
  return one.sentAt - other.sentAt || one.number - other.number;
}
