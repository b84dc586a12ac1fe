/** The check of new recipients (H1). Who was written to before is a history that the caller brings; without one the check is absent. */
export { firstTime } from './check.ts';
