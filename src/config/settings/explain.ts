/** `config explain`: every setting with its value, where that came from, its unit, default, range and reason. */
import { stringify } from 'yaml';
import { DECLARED } from './declared.ts';
import type { Loaded, Origin } from './load.ts';
import type { Setting } from './setting.ts';
import { environmentName, settingsIn } from './setting.ts';

/** One setting, said for people. */
export interface Explained {
  readonly key: string;
  readonly value: string;
  readonly from: Origin;
  /** Null where no variable can override it. */
  readonly environment: string | null;
  readonly type: string;
  readonly unit: string | null;
  readonly range: string | null;
  readonly default: string;
  readonly about: string;
  readonly reason: string;
  /** False where it comes with a later release. */
  readonly built: boolean;
}

/** All settings, or those at and below `key`. Secrets are never shown. */
export function explainSettings({ sources }: Pick<Loaded, 'sources'>, key?: string): Explained[] {
  return settingsIn(DECLARED)
    .filter(([path]) => key === undefined || `${path.join('.')}.`.startsWith(`${key}.`))
    .map(([path, setting]) => {
      const source = sources.get(path.join('.')) ?? { origin: 'default', raw: setting.default };
      const value = source.origin === 'default' ? defaultOf(setting) : showRaw(source.raw, setting);
      return { ...describeSetting(path, setting), value, from: source.origin };
    });
}

/** What does not depend on an installation. */
export function describeSetting(path: readonly string[], setting: Setting<unknown>): Omit<Explained, 'value' | 'from'> {
  return {
    key: path.join('.'),
    environment: setting.kind.env === 'none' ? null : environmentName(path),
    type: setting.kind.type,
    unit: setting.kind.unit,
    range: setting.kind.range,
    default: defaultOf(setting),
    about: setting.about,
    reason: setting.reason,
    built: setting.built !== false,
  };
}

/** All keys, for suggestions. */
export function settingKeys(): string[] {
  return settingsIn(DECLARED).map(([path]) => path.join('.'));
}

function defaultOf(setting: Setting<unknown>): string {
  return setting.defaultText ?? showRaw(setting.default, setting);
}

function showRaw(raw: unknown, { kind }: Setting<unknown>): string {
  if (kind.isSecret === true) return '(not shown)';
  if (typeof raw === 'string') return raw;
  return stringify(withoutSecrets(raw), { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

// A reference to a secret is no secret; a password that stands in the file is one.
function withoutSecrets(raw: unknown): unknown {
  if (Array.isArray(raw)) return raw.map(withoutSecrets);
  if (typeof raw !== 'object' || raw === null) return raw;
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [
      key,
      (key === 'password' || key === 'secret') && typeof value === 'string' ? '(not shown)' : withoutSecrets(value),
    ]),
  );
}
