/**
 * SRS, the sender rewriting scheme (M. Wong, S. Hesse, "SRS: Sender Rewriting Scheme", 2004; read and written by libsrs2 and its like): the reverse-path of mail
 * that is forwarded names the forwarder's domain, so that its SPF record answers for it (RFC 7208 §D.3), and a bounce finds its way back.
 * No states. What must never happen: an address that somebody else made is taken for ours, which would make us relay for anyone; a
 * sender that comes back as somebody else.
 * Carries RFC 5321 §4.5.5, RFC 7208; design 1 (forwards).
 */
export { isRewritten, originalSender, rewriteSender, type SrsSettings } from './srs.ts';
