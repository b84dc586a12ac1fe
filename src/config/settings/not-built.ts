/** What a configuration asks for and this release does not have yet. Said once at start, and by `config check`. */
import { BUILT_ROLES } from './compound.ts';
import { DECLARED } from './declared.ts';
import type { Loaded } from './load.ts';
import { isSetting, settingsIn } from './setting.ts';

/** One line without its full stop, or null where everything asked for is there. */
export function notBuiltLine({ settings, sources }: Loaded): string | null {
  const roles = settings.roles.flat().filter((role) => !BUILT_ROLES.includes(role));
  const listeners = Object.entries(settings.listen)
    .filter(([name, list]) => list.length > 0 && !isBuiltListener(name))
    .map(([name]) => name);
  const others = settingsIn(DECLARED)
    .filter(([path, setting]) => path[0] !== 'listen' && setting.built === false && isGiven(sources, path))
    .map(([path]) => path.join('.'));
  const parts = [named('roles', roles), named('listeners', listeners), named('settings', others)];
  const line = parts.filter((part) => part !== '').join('; ');
  return line === '' ? null : `Not in this release yet, and left out: ${line}`;
}

/** Whether this release serves that listener. */
export function isBuiltListener(name: string): boolean {
  const node = Object.entries(DECLARED.listen).find(([key]) => key === name)?.[1];
  return node !== undefined && isSetting(node) && node.built !== false;
}

function isGiven(sources: Loaded['sources'], path: readonly string[]): boolean {
  return (sources.get(path.join('.'))?.origin ?? 'default') !== 'default';
}

function named(what: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${what} ${names.join(', ')}`;
}
