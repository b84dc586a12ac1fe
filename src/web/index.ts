/**
 * HTTP: what browsers and programs are served: how mail programs set themselves up (`setup/`), signing in (`session/`), held mail and approvals
 * (`held/`), the pages of links in mail (`links/`), the API (`api/`). Each part is a set of routes that `app.ts` mounts; what they share of pages is in
 * `page/`. Nothing is decided here: operations are asked of the process that has the mail (`asking.ts`).
 *
 * A connection: accepted ─▶ (TLS) ─▶ request ─▶ answer ─▶ … ─▶ closed by either side, by a deadline, or while we leave.
 *
 * What must never happen: trust in a Host header or in whom a request says it comes from; a wait without an end, or a body, header or crowd
 * without a bound; text of a stranger that becomes markup; an answer that can be framed or taken for another type; a password that is taken in the
 * clear from another machine; something of another tenant.
 *
 * Carries O1, B3, M6, H1, design 6.
 */
export { startWeb, type WebListener, type WebParts } from './server.ts';
