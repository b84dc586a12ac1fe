/**
 * Delivery to the next hop: routes, MX hosts, connections, TLS policy, attempts, and the reports that attempts cause.
 *
 * A mail's way: `Routes` says where (asked at acceptance and again at each claim) ─▶ the queue offers a slot ─▶ `Round` takes claims ─▶
 * `Reach` opens a session (`targets`, `handshake`), or `Pool` has one ─▶ `Session` carries the mail ─▶ `decide` turns each
 * recipient's verdict into an outcome ─▶ `Notices` writes the DSN that it causes ─▶ the queue settles both in one transaction.
 *
 * States of a destination and of recipients are the queue's. Here only connections have states: see `session.ts` and `wire.ts`.
 *
 * What must never happen: an attempt after our lease ran out; one recipient's failure told of another (H4); content changed to suit a
 * peer; mail in clear that asked for TLS; a password in clear without the operator's word; a report about a report; a peer
 * that hangs or refuses slowing any other.
 *
 * Carries H4, M2, M5, B3 and RFC 5321 (client), 1870, 2033, 2920, 3030 (DATA only), 3207, 3461, 3464, 4954, 6152, 6531, 7435, 7504,
 * 7505, 8689, 9422.
 */
export { type BirthParts, Births } from './births.ts';
export { Copies, type CopyParts } from './copies.ts';
export { type DelivererParts, startDeliverer } from './deliverer.ts';
export { type DirectHop, type DirectParts, DirectWay } from './direct.ts';
export { type NoticeParts, type NoticeSettings, Notices } from './notices.ts';
export { type PasswordParts, Passwords } from './passwords.ts';
export { type Credentials, type Hop, type RouteSettings, Routes, type TlsPolicy } from './routes.ts';
export { OUTBOUND_LIMITS, type OutboundLimits, type OutboundSettings } from './settings.ts';
export { signatureOperations } from './signature-operations.ts';
export { SignatureStage } from './signature-stage.ts';
export { Sink, type SunkMail } from './sink.ts';
