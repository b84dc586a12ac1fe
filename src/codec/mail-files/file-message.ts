import type { Flag } from '#/model/index.ts';

/** A message as files keep it: its octets, and what stands beside them. */
export interface FileMessage {
  /** In wire form: CRLF, nothing quoted. */
  readonly content: Uint8Array;
  readonly flags: readonly Flag[];
  /** INTERNALDATE, wall-clock ms; null where the file does not say. */
  readonly receivedAt: number | null;
  readonly uidl: string | null;
}
