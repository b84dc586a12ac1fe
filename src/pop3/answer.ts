import type { Reply } from '#/codec/pop3/index.ts';

/** Pieces of a multi-line part, its final dot included, in order. One that throws ends the connection before the dot. */
export type Pieces = Iterable<string | Buffer> | AsyncIterable<string | Buffer>;

/** What comes after a reply, where it is not simply the next command. */
export type Follow =
  /** One line of SASL, taken by `next`; the reply is a challenge, in base64. */
  | { readonly kind: 'sasl'; readonly challenge: string; readonly next: (line: string) => Answer }
  /** A multi-line part (RFC 1939 §3). */
  | { readonly kind: 'part'; readonly reply: Reply; readonly pieces: Pieces }
  /** A TLS handshake. */
  | { readonly kind: 'tls'; readonly reply: Reply }
  /** Nothing: the connection ends. */
  | { readonly kind: 'end'; readonly reply: Reply };

/** What a verb has to say. */
export type Said = Reply | Follow;

/** What a verb has to say, now or later. */
export type Answer = Said | Promise<Said>;
