/**
 * The language SMTP, on both sides of the wire: octets <-> values. `SmtpStepper` reads what clients send, `replies` is all that
 * they hear; `ReplyParser`, `parseCapabilities` and the formatters are for the side that delivers.
 * States: only the two readers have any, told in their files. Nothing here waits, sends, stores or looks at a clock.
 * What must never happen: two readings of one stream (SMTP smuggling), an answer or command with a line end inside, a throw
 * for what a peer said.
 * Carries RFC 5321, 1870, 2033, 2034, 2920, 3030, 3207, 3461, 4954, 6152, 6531, 8689, 9422; H3, M1, B3.
 */

export {
  domainToAscii,
  literalAddress,
  needsSmtpUtf8,
  parseDomain,
  parseLocalPart,
  parseMailAddress,
} from './address.ts';
export { type Capabilities, parseCapabilities } from './capabilities.ts';
export {
  formatAuth,
  formatBdat,
  formatHello,
  formatMail,
  formatNotify,
  formatRcpt,
  type OutgoingMail,
  type OutgoingRecipient,
} from './client-commands.ts';
export type { Command, MailCommand, RcptCommand } from './command.ts';
export { endOfData, Stuffer, stuff } from './dot.ts';
export { completePostmaster } from './envelope.ts';
export { authLineBytesMax, commandLineBytesMax } from './limits.ts';
export { type Parsed, parseCommand } from './parse-command.ts';
export * as replies from './replies.ts';
export { formatReply, type Reply, reply } from './reply.ts';
export { ReplyParser, type ReplyStep, type ServerReply } from './reply-parser.ts';
export { SmtpStepper, type Step } from './stepper.ts';
export { type XclientAttributes, type XclientName, xclientNames } from './xclient.ts';
