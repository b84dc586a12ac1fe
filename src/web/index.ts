/**
 * HTTP: what browsers and programs are served. Today: how mail programs set themselves up, and a page that says what this is. Each part is a
 * set of routes (`setup/routes.ts`) that `app.ts` mounts; what follows is mounted beside it.
 *
 * A connection: accepted ─▶ (TLS) ─▶ request ─▶ answer ─▶ … ─▶ closed by either side, by a deadline, or while we leave.
 *
 * What must never happen: trust in a Host header or in whom a request says it comes from; a wait without an end, or a body, header or crowd
 * without a bound; text of a stranger that becomes markup; an answer that can be framed or taken for another type.
 *
 * Carries O1, B3, M6.
 */
export { startWeb, type WebListener, type WebParts } from './server.ts';
