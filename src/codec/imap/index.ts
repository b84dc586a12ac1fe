/**
 * The language of IMAP, as a server speaks it: octets <-> values (RFC 9051, RFC 3501, and the extensions that `docs/rfc/index.tsv` names).
 * `ImapStepper` reads what clients send; `replies` is all that they hear in words, the `format…` functions all that they hear in data.
 * States: only the stepper has any, told in its file. Nothing here waits, sends, stores or looks at a clock.
 * What must never happen: octets of a literal read as a command, an answer with a line end inside that nobody announced, a throw for what a
 * client said, memory by its leave.
 * Carries RFC 9051, 3501, 2971, 3502, 3516, 4731, 4959, 5161, 5182, 5256, 5258, 5819, 6154, 6855, 7162, 7888, 8474, 8514, 8970; B3, M1.
 */
export { capabilitiesOfUsers, switchableCapabilities } from './capability-names.ts';
export type {
  AppendHead,
  Command,
  FetchItem,
  ListCommand,
  Partial,
  SearchKey,
  SearchReturn,
  Section,
  SelectCommand,
  SequenceSet,
  SetRange,
  SortCriterion,
  StatusItem,
} from './command.ts';
export * as fetchItems from './fetch-items.ts';
export {
  formatExists,
  formatFlags,
  formatList,
  formatQuota,
  formatQuotaRoot,
  formatStatus,
  type ListAnswer,
  namespace,
} from './format-mailboxes.ts';
export {
  appendUid,
  copyUid,
  type ExtendedFound,
  formatExpunge,
  formatExtendedFound,
  formatFetch,
  formatFound,
  formatThreads,
  formatVanished,
  modified,
  permanentFlags,
  type ThreadNode,
} from './format-messages.ts';
export { formatCapability, formatContinue, formatEnabled, formatId } from './format-session.ts';
export { formatAstring, formatLiteral, formatLiteral8, formatNstring, formatString } from './format-text.ts';
export { decodeName, encodeName, parseMailboxName } from './mailbox-name.ts';
export { type Parsed, parseCommand, type Refused } from './parse.ts';
export { isTooWild, matches } from './pattern.ts';
export * as replies from './replies.ts';
export { formatReply, type Reply, reply } from './reply.ts';
export { countOf, formatUids, namesAbsent, numberOf, type Span, spansOf, uidsOf } from './sets.ts';
export { ImapStepper, type Step } from './stepper.ts';
