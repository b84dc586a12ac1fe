/** From what a schema did not accept to sentences that people can act on. */
import type { z } from 'zod';
import { suggestion } from '#/codec/forms/index.ts';
import type { Complaint, Finding, Path } from './complaint.ts';
import { formatPath } from './complaint.ts';
import type { YamlText } from './yaml-text.ts';

/** Unknown keys of one map that are told each with its likely meaning; a file of a million would hold up mail for minutes. */
const UNKNOWN_KEYS_TOLD_MAX = 50;

/** Every issue of a schema as a finding below `base`. */
export function findingsOf(error: z.ZodError, base: Path): Finding[] {
  return error.issues.flatMap((issue) => findingsOfIssue(issue, [...base, ...(issue.path as (string | number)[])]));
}

function findingsOfIssue(issue: z.core.$ZodIssue, path: Path): Finding[] {
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(', ');
    const told = issue.keys.slice(0, UNKNOWN_KEYS_TOLD_MAX).map((key) => unknownKey([...path, key], known));
    const more = issue.keys.length - told.length;
    return more === 0
      ? told
      : [...told, { path, message: `And ${more} unknown keys more.`, remedy: 'mend these first' }];
  }
  if (issue.code === 'custom') {
    return [{ path, message: name(path, issue.message), remedy: String(issue.params?.remedy ?? 'mend it') }];
  }
  if (issue.code === 'invalid_type') return [wrongType(path, issue)];
  if (issue.code === 'too_small')
    return [{ path, message: name(path, 'The list is too short.'), remedy: least(issue) }];
  return [{ path, message: name(path, `${issue.message}.`), remedy: 'mend it' }];
}

/** A key that nobody knows, with the nearest one that is known. */
export function unknownKey(path: Path, known: readonly string[]): Finding {
  const key = String(path.at(-1));
  return { path, atKey: true, message: `Unknown key '${key}'.`, remedy: suggestion(key, known) };
}

/** A value of the wrong form; `wanted` is `list`, `map` … */
export function wrongForm(path: Path, wanted: string): Finding {
  const remedy =
    wanted === 'list' ? 'put it into [ ], or one item a line with "- "' : (WRITTEN[wanted] ?? `write a ${wanted}`);
  return { path, message: name(path, `A ${wanted} is expected here.`), remedy };
}

const WRITTEN: Readonly<Record<string, string>> = { map: 'write key: value, one a line', text: 'write a text' };

function wrongType(path: Path, issue: z.core.$ZodIssueInvalidType): Finding {
  if (issue.message.endsWith('received undefined')) return missing(path);
  return wrongForm(path, FORMS[issue.expected] ?? issue.expected);
}

const FORMS: Readonly<Record<string, string>> = {
  array: 'list',
  object: 'map',
  record: 'map',
  string: 'text',
  int: 'whole number',
};

function missing(path: Path): Finding {
  const key = String(path.at(-1) ?? '');
  return { path, message: `${formatPath(path)} is missing.`, remedy: `add ${key}` };
}

function least(issue: z.core.$ZodIssueTooSmall): string {
  return `give at least ${Number(issue.minimum)}`;
}

function name(path: Path, message: string): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`;
}

/** Gives findings their places in the file. */
export function placed(findings: readonly Finding[], yaml: Pick<YamlText, 'file' | 'placeOf'>): Complaint[] {
  return findings.map(({ path, atKey, severity, message, remedy }) => ({
    severity: severity ?? 'mistake',
    file: yaml.file,
    ...yaml.placeOf(path, atKey),
    message,
    remedy,
  }));
}
