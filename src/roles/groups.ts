/** Which processes the settings ask for, and which of them writes custody. */
import { BUILT_ROLES, isDatabase, type Role, type Settings } from '#/config/index.ts';
import { storesOf } from './cells/cell-settings.ts';

/** The roles that share one process. */
export interface Group {
  /** `gate+deliver`. */
  readonly name: string;
  readonly roles: readonly Role[];
  /**
   * The one that serves operations on this host and, on an embedded store, alone writes custody: the gate's, so that acceptance waits
   * for nobody else; deliver's where there is no gate; else the first.
   */
  readonly owner: boolean;
}

/** The processes of this host, without roles that this release does not have. */
export function groupsOf(settings: Pick<Settings, 'roles'>): readonly Group[] {
  const groups = settings.roles
    .map((group) => group.filter((role) => BUILT_ROLES.includes(role)))
    .filter((group) => group.length > 0);
  const owner =
    groups.find((roles) => roles.includes('gate')) ?? groups.find((roles) => roles.includes('deliver')) ?? groups[0];
  return groups.map((roles) => ({ name: roles.join('+'), roles, owner: roles === owner }));
}

/** One group of all roles, for a process that runs alone. */
export function oneGroup(settings: Pick<Settings, 'roles'>): Group {
  const roles = groupsOf(settings).flatMap((group) => group.roles);
  return { name: roles.join('+'), roles, owner: true };
}

/** Data directories whose store is embedded: what one process of this host writes, and the others reach by it. */
export function ownedFolders(settings: Settings): readonly string[] {
  return storesOf(settings)
    .filter((one) => !isShared(one))
    .map(({ data }) => data);
}

/**
 * Whether mail for our users goes into mailboxes: where this host has the role `mail`, and where it only takes mail into a shared store,
 * for then another host delivers, and looks again. Not yet with several cells.
 */
export function hasMailboxes(settings: Pick<Settings, 'roles' | 'store' | 'cells'>): boolean {
  const roles = settings.roles.flat();
  if (settings.cells !== null) return false;
  return roles.includes('mail') || (isShared(settings) && !roles.includes('deliver'));
}

/** Whether several processes and hosts write the store, each by itself. Of one store: a cell's settings, not those of all cells. */
export function isShared({ store }: Pick<Settings, 'store'>): boolean {
  return store !== null && isDatabase(store);
}
