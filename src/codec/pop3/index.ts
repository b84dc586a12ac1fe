/**
 * The language POP3, the server's side: `Pop3Stepper` reads what clients send, `replies` is all that they hear in one line, and
 * `MessageBody` is a message as they get it.
 * States: the stepper and the body have some, told in their files. Nothing here waits, sends, stores or looks at a clock.
 * What must never happen: two readings of one stream; a reply with a line end inside; a final dot that somebody else's octets make;
 * a throw for what a client said.
 * Carries RFC 1939, 2449, 2595, 3206, 5034, 6856; O5, B3.
 */
export type { Command } from './command.ts';
export { uidlBytesMax } from './limits.ts';
export { formatLines, MessageBody } from './message-body.ts';
export { type Parsed, parseCommand } from './parse-command.ts';
export * as replies from './replies.ts';
export { formatReply, type Reply, type ResponseCode } from './reply.ts';
export { Pop3Stepper, type Step } from './stepper.ts';
