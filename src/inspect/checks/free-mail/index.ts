/** The check of free mail: recipients whose address says nothing of a company (H1). Each finding is about one recipient. */
export { freeMail } from './check.ts';
export { FREE_MAIL } from './services.ts';
