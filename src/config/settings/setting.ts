/** How a setting is declared: once, with everything that start, `config explain`, `config check` and docs/settings.md say about it. */
import type { z } from 'zod';

/** A kind of value: how it is checked, and how its type reads to people. */
export interface Kind<Value> {
  /** `duration`, `list of networks` … */
  readonly type: string;
  readonly unit: string | null;
  readonly range: string | null;
  readonly schema: z.ZodType<Value>;
  /** How an environment variable is read: as one value, as a list with commas, or not at all. */
  readonly env: 'scalar' | 'list' | 'roles' | 'none';
  /** Relative paths are taken from the folder of the file that says them. */
  readonly isPath?: boolean;
  /** The same for paths inside a value: gives the value back with each of them made absolute. */
  readonly withPaths?: (value: unknown, absolute: (path: string) => string) => unknown;
  /** Sets the kind apart whose value no one may be shown. */
  readonly isSecret?: boolean;
}

/** What is said of one setting beside its kind. */
export interface About {
  /** As it would be written in the file, or what it is made from. */
  readonly default: unknown;
  /** Said instead of `default` where that is made at start. */
  readonly defaultText?: string;
  /** One sentence: what it does. */
  readonly about: string;
  /** Why the default is what it is. */
  readonly reason: string;
  /** False where the part that it steers comes with a later release. */
  readonly built?: boolean;
}

export type Setting<Value> = About & { readonly kind: Kind<Value> };

/** A tree of settings, as the file is. */
export type SettingTree = { readonly [key: string]: Setting<unknown> | SettingTree };

/** The values of a tree of settings. */
export type ValuesOf<Tree> = {
  readonly [Key in keyof Tree]: Tree[Key] extends Setting<infer Value> ? Value : ValuesOf<Tree[Key]>;
};

/** A setting of one kind. */
export function setting<Value>(kind: Kind<Value>, about: About): Setting<Value> {
  return { ...about, kind };
}

/** A setting that may be left out: `null` then. */
export function optional<Value>(kind: Kind<Value>, about: Omit<About, 'default'>): Setting<Value | null> {
  return { ...about, default: null, kind: { ...kind, schema: kind.schema.nullable() } };
}

/** Whether a node of the tree is a setting and not a branch. */
export function isSetting(node: Setting<unknown> | SettingTree): node is Setting<unknown> {
  return typeof (node as Setting<unknown>).kind === 'object' && 'about' in node;
}

/** Every setting with its path, in the order of declaration. */
export function settingsIn(tree: SettingTree, above: readonly string[] = []): [readonly string[], Setting<unknown>][] {
  return Object.entries(tree).flatMap(([key, node]) =>
    isSetting(node) ? [[[...above, key], node] as [string[], Setting<unknown>]] : settingsIn(node, [...above, key]),
  );
}

/** `retry.delayNotice` is overridden by `HOLDFAST_RETRY_DELAY_NOTICE` (contract). */
export function environmentName(path: readonly string[]): string {
  return `HOLDFAST_${path.map((key) => key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join('_')}`;
}
