/** The role `janitor`: periodic work on custody. It may die, be late or be there twice: nothing waits for it. */
import type { Settings } from '#/config/index.ts';
import { type JanitorParts, type JanitorWork, startJanitorWork } from '#/queue/index.ts';
import { janitorSettingsOf } from './settings.ts';

export type JanitorRoleParts = JanitorParts;

/** Runs until it is disposed. */
export async function startJanitor(settings: Settings, parts: JanitorRoleParts): Promise<JanitorWork> {
  return startJanitorWork(parts, janitorSettingsOf(settings));
}
