/** YAML as we read it: the 1.2 core schema, one document, no key twice; and the place of everything in it. */

import type { Document, ParsedNode } from 'yaml';
import { isMap, isNode, isPair, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Complaint, Path, Place } from './complaint.ts';

/** Files larger than this are refused before they are parsed. */
export const YAML_BYTES_MAX: number = 64 * 1024 * 1024;

/** Mistakes of form that are told; what is no YAML at all has one in every line. */
const MISTAKES_TOLD_MAX = 50;

/** A file that was read: its value, and where each part of it stands. */
export interface YamlText {
  readonly file: string;
  /** Plain maps, lists and scalars; null for an empty file. */
  readonly value: unknown;
  /** Place of a value or of its key; of the nearest thing around it where there is no such path. */
  placeOf(path: Path, atKey?: boolean): Place;
  /** All places by path joined with `/`: `[line, column]` of each value, and of each key as `path#`. */
  places(): Record<string, [number, number]>;
}

export type YamlReading = { readonly yaml: YamlText } | { readonly complaints: readonly Complaint[] };

/** Parses the text of `file`; every mistake of form is a complaint. */
export function readYaml(file: string, text: string): YamlReading {
  if (text.length > YAML_BYTES_MAX) return { complaints: [tooLarge(file)] };
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
    // Its warnings would go past our reader to the error stream; a key that is a list ends as an unknown key.
    logLevel: 'error',
  });
  const complaints = document.errors.slice(0, MISTAKES_TOLD_MAX).map((error): Complaint => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { severity: 'mistake', file, line, column: col, message: sentence(error.message), remedy: REMEDY };
  });
  if (complaints.length > 0) return { complaints };
  const value = plainValue(document, file);
  if ('complaint' in value) return { complaints: [value.complaint] };
  const placeOf = (path: Path, atKey = false) => locate(document, lines, path, atKey);
  return { yaml: { file, value: value.plain, placeOf, places: () => allPlaces(document, lines) } };
}

const REMEDY = 'the file is not valid YAML; mend this place first';

function tooLarge(file: string): Complaint {
  const remedy = 'split it into several files';
  return { severity: 'mistake', file, line: 0, column: 0, message: 'The file is larger than 64 MiB.', remedy };
}

function plainValue(document: Document.Parsed, file: string): { plain: unknown } | { complaint: Complaint } {
  try {
    return { plain: document.toJS({ maxAliasCount: 100 }) as unknown };
  } catch (error) {
    const message = sentence(error instanceof Error ? error.message : String(error));
    const remedy = 'write the repeated part out instead of using anchors';
    return { complaint: { severity: 'mistake', file, line: 1, column: 1, message, remedy } };
  }
}

function sentence(text: string): string {
  const line = text.split('\n')[0]?.trim() ?? '';
  return /[.?!]$/.test(line) ? line : `${line}.`;
}

// Walks as far as the document goes along the path, so that a missing key is told at the map that lacks it.
function locate(document: Document.Parsed, lines: LineCounter, path: Path, atKey: boolean): Place {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    const next: { key: unknown; value: unknown } | undefined = childOf(node, step);
    if (next === undefined) break;
    const at: unknown = last && atKey ? next.key : next.value;
    offset = offsetOf(at) ?? offsetOf(next.key) ?? offset;
    node = next.value;
  }
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function childOf(node: unknown, step: string | number): { key: unknown; value: unknown } | undefined {
  if (isSeq(node) && typeof step === 'number') {
    const item: unknown = node.items[step];
    return item === undefined ? undefined : { key: item, value: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isPair(item) && scalarOf(item.key) === String(step));
  return pair === undefined ? undefined : { key: pair.key, value: pair.value };
}

function scalarOf(key: unknown): string {
  return String(isNode(key) ? key.toJSON() : key);
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? (node as ParsedNode).range?.[0] : undefined;
}

function allPlaces(document: Document.Parsed, lines: LineCounter): Record<string, [number, number]> {
  const places: Record<string, [number, number]> = {};
  const note = (key: string, node: unknown) => {
    const { line, col } = lines.linePos(offsetOf(node) ?? 0);
    places[key] = [line, col];
  };
  const walk = (node: unknown, path: string) => {
    if (isSeq(node)) {
      for (const [i, item] of node.items.entries()) visit(item, item, `${path}${i}`);
    } else if (isMap(node)) {
      for (const { key, value } of node.items) visit(key, value, `${path}${scalarOf(key)}`);
    }
  };
  const visit = (key: unknown, value: unknown, path: string) => {
    note(`${path}#`, key);
    note(path, value ?? key);
    walk(value, `${path}/`);
  };
  walk(document.contents, '');
  return places;
}
