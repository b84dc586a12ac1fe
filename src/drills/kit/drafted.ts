/** The incident that rules drafted of a component, as operators see it. */
import type { Installation } from './installation.ts';

/** As `holdfast incident list --json` says it, as far as drills look. */
export interface Drafted {
  readonly id: string;
  readonly createdAt: string;
  readonly components: readonly { readonly id: string }[];
}

/** The open one that names this component, in whatever region; null where there is none. */
export async function draftOf(installation: Installation, component: string): Promise<Drafted | null> {
  const open = await installation.json<readonly Drafted[]>('incident', 'list', '--open');
  return open.find(({ components }) => components.some(({ id }) => id.endsWith(component))) ?? null;
}
