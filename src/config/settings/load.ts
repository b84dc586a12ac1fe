/**
 * Reads the settings: file, environment, defaults; everything wrong is reported in one run. Either all of them are good and come back
 * as values, or none is used.
 */
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { suggest } from '#/codec/forms/index.ts';
import type { Complaint, Finding, Path } from '../complaint.ts';
import { hasMistakes, inOrder } from '../complaint.ts';
import { findingsOf, placed, unknownKey, wrongForm } from '../findings.ts';
import { followReferences } from '../references.ts';
import type { YamlText } from '../yaml-text.ts';
import { readYaml } from '../yaml-text.ts';
import { contradictions } from './contradictions.ts';
import type { Settings } from './declared.ts';
import { DECLARED } from './declared.ts';
import type { FindOptions, Found } from './find.ts';
import { findInstallation } from './find.ts';
import type { Kind, Setting, SettingTree } from './setting.ts';
import { environmentName, isSetting, settingsIn } from './setting.ts';

/** Where the value of a setting came from. */
export type Origin = 'default' | 'file' | 'environment' | 'command line';

/** A setting as it was found: before it was checked. */
export interface Source {
  readonly origin: Origin;
  readonly raw: unknown;
}

/** Settings that are good, and how they came to be. */
export interface Loaded {
  readonly settings: Settings;
  readonly found: Found;
  /** By path, `retry.first`. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly warnings: readonly Complaint[];
}

export type Loading = Loaded | { readonly mistakes: readonly Complaint[] };

/** Finds and reads the settings of an installation; never throws for what a file says. */
export function loadSettings(options: FindOptions): Loading {
  const found = findInstallation(options);
  const reading = readFile(found, options.cwd);
  if ('complaints' in reading) return { mistakes: reading.complaints };
  return new Loader(options, found, reading.yaml).load();
}

type Reading = { readonly yaml: YamlText } | { readonly complaints: readonly Complaint[] };

function readFile(found: Found, cwd: string): Reading {
  if (found.file === null) return readYaml('defaults', '');
  const shown = relative(cwd, found.file) || found.file;
  const name = shown.startsWith('..') ? found.file : shown;
  try {
    return readYaml(name, readFileSync(found.file, 'utf8'));
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    const message = why === 'ENOENT' ? 'There is no such file.' : `The file cannot be read (${why}).`;
    const remedy = `mend what ${found.by} names`;
    return { complaints: [{ severity: 'mistake', file: name, line: 0, column: 0, message, remedy }] };
  }
}

class Loader {
  readonly #options: FindOptions;
  readonly #found: Found;
  readonly #yaml: YamlText;
  readonly #complaints: Complaint[] = [];
  readonly #sources = new Map<string, Source>();

  constructor(options: FindOptions, found: Found, yaml: YamlText) {
    this.#options = options;
    this.#found = found;
    this.#yaml = yaml;
  }

  load(): Loading {
    this.#checkKeys(this.#yaml.value, DECLARED, []);
    const settings = this.#readAll();
    this.#checkEnvironment();
    if (this.#found.passedOver !== null) this.#passedOver(this.#found.passedOver);
    if (!hasMistakes(this.#complaints)) {
      const findings = contradictions(settings, (path) => this.#isGiven(path));
      for (const finding of findings) this.#complaints.push(this.#complaintAt(finding));
    }
    const complaints = inOrder(this.#complaints);
    if (hasMistakes(complaints)) return { mistakes: complaints };
    return { settings, found: this.#found, sources: this.#sources, warnings: complaints };
  }

  #checkKeys(value: unknown, tree: SettingTree, path: Path): void {
    if (value === null || value === undefined) return;
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.#complain([wrongForm(path, 'map')]);
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      const node = Object.hasOwn(tree, key) ? tree[key] : undefined;
      if (node === undefined) this.#complain([unknownKey([...path, key], Object.keys(tree))]);
      else if (!isSetting(node)) this.#checkKeys(inner, node, [...path, key]);
    }
  }

  // Settings come in the order of their declaration: `data` before the paths that lie inside it.
  #readAll(): Settings {
    const values: Record<string, unknown> = {};
    for (const [path, setting] of settingsIn(DECLARED)) {
      const source = this.#sourceOf(path, setting);
      this.#sources.set(path.join('.'), source);
      const value = this.#check(path, setting, source);
      const absolute = (one: unknown): unknown => this.#resolve(path, one, source.origin, values);
      setAt(values, path, resolved(setting.kind, value, absolute));
    }
    // Every declared path has been set, each by its own schema.
    return values as unknown as Settings;
  }

  #sourceOf(path: readonly string[], setting: Setting<unknown>): Source {
    if (path.join('.') === 'data' && this.#found.data !== null) {
      return { origin: 'command line', raw: this.#found.data };
    }
    const variable = this.#options.env[environmentName(path)];
    const { env } = setting.kind;
    // An empty variable is none, but for a list it is the empty list: `HOLDFAST_LISTEN_POP3=` turns it off.
    if (variable !== undefined && env !== 'none' && (variable !== '' || env === 'list')) {
      return { origin: 'environment', raw: fromVariable(variable, env) };
    }
    const inFile = valueAt(this.#yaml.value, path);
    return inFile === null || inFile === undefined
      ? { origin: 'default', raw: setting.default }
      : { origin: 'file', raw: inFile };
  }

  #check(path: readonly string[], setting: Setting<unknown>, { origin, raw }: Source): unknown {
    if (origin === 'default' && raw === null) return null;
    const followed =
      origin === 'file'
        ? followReferences(raw, { env: this.#options.env, folder: this.#folder() }, path)
        : { value: raw, findings: [] };
    const parsed = setting.kind.schema.safeParse(followed.value);
    const findings = [...followed.findings, ...(parsed.success ? [] : findingsOf(parsed.error, path))];
    for (const finding of findings) this.#complaints.push(this.#complaintAt(finding));
    return parsed.success ? parsed.data : null;
  }

  // As other programs do: a path in a file starts at that file, a path in a command or variable where the command was given.
  #resolve(path: readonly string[], value: unknown, origin: Origin, soFar: Record<string, unknown>): unknown {
    if (typeof value !== 'string') return value;
    if (origin === 'file') return resolve(this.#folder(), value);
    const inData = origin === 'default' && path[0] !== 'data';
    return resolve(inData ? String(soFar.data) : this.#options.cwd, value);
  }

  #folder(): string {
    return this.#found.file === null ? this.#options.cwd : dirname(this.#found.file);
  }

  #isGiven(path: string): boolean {
    return (this.#sources.get(path)?.origin ?? 'default') !== 'default';
  }

  #complain(findings: readonly Finding[]): void {
    this.#complaints.push(...placed(findings, this.#yaml));
  }

  // What a variable says wrong is told of the variable, not of the file.
  #complaintAt(finding: Finding): Complaint {
    const [path, source] = this.#nearestSource(finding.path);
    const [placedOne] = placed([finding], this.#yaml);
    if (source === undefined || source.origin === 'file' || placedOne === undefined)
      return { ...NOWHERE, ...placedOne };
    const file = source.origin === 'environment' ? `environment ${environmentName(path)}` : source.origin;
    return { ...placedOne, file, line: 0, column: 0 };
  }

  #nearestSource(path: Path): [readonly string[], Source | undefined] {
    for (let length = path.length; length > 0; length--) {
      const head = path.slice(0, length).map(String);
      const source = this.#sources.get(head.join('.'));
      if (source !== undefined) return [head, source];
    }
    return [[], undefined];
  }

  #checkEnvironment(): void {
    const known = settingsIn(DECLARED).filter(([, { kind }]) => kind.env !== 'none');
    const names = known.map(([path]) => environmentName(path));
    for (const name of Object.keys(this.#options.env)) {
      if (!name.startsWith('HOLDFAST_') || names.includes(name) || OTHER_VARIABLES.includes(name)) continue;
      const near = suggest(name, names);
      // Programs around us use the prefix too: only what looks like a slip is worth a word.
      if (near === null || Math.abs(near.length - name.length) > 2 || near.slice(0, 12) !== name.slice(0, 12)) continue;
      const message = `${name} overrides nothing.`;
      this.#complaints.push({ ...NOWHERE, severity: 'warning', message, remedy: `did you mean ${near}?` });
    }
  }

  #passedOver(file: string): void {
    const message = `${file} is not read, because --data was given.`;
    const remedy = 'name it with --config, or move it into the data folder';
    this.#complaints.push({ ...NOWHERE, file: 'command line', severity: 'warning', message, remedy });
  }
}

const OTHER_VARIABLES = ['HOLDFAST_CONFIG', 'HOLDFAST_ROLE'];

function resolved({ isPath, withPaths }: Kind<unknown>, value: unknown, absolute: (path: unknown) => unknown): unknown {
  if (isPath === true) return absolute(value);
  // A value that was refused is null.
  return withPaths === undefined || value === null ? value : withPaths(value, (path) => String(absolute(path)));
}

const NOWHERE: Complaint = { severity: 'mistake', file: 'environment', line: 0, column: 0, message: '', remedy: '' };

function fromVariable(variable: string, how: 'scalar' | 'list' | 'roles' | 'none'): unknown {
  if (how === 'scalar' || how === 'none') return variable;
  const items = variable
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return how === 'list' ? items : items.map((item) => (item.includes('+') ? item.split('+') : item));
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  target[key] ??= {};
  setAt(target[key] as Record<string, unknown>, rest, value);
}
