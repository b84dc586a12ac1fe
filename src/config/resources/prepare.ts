/**
 * A resource file on the side of who sends it: read, its references to secrets followed, and packed so that the server, which
 * sees neither this file nor this environment, can still point at line and column.
 */
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Complaint, Path, Place } from '../complaint.ts';
import { placed } from '../findings.ts';
import { followReferences } from '../references.ts';
import { readYaml } from '../yaml-text.ts';

/** Places by path, `tenants/0/users/3/aliases`; deeper paths are told at the nearest one. */
export const placesSchema = z.record(z.string(), z.tuple([z.int(), z.int()]));

/** What `resources.apply` is given. */
export interface PreparedFile {
  /** Name for messages. */
  readonly file: string;
  readonly document: unknown;
  readonly places: z.output<typeof placesSchema>;
}

/** Reads `text`; references are followed with `env` and from the folder of `file` (`-` is the standard input: from `cwd`). */
export function prepareResources(
  file: string,
  text: string,
  { env, cwd }: { readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string },
): { readonly prepared: PreparedFile } | { readonly mistakes: readonly Complaint[] } {
  const reading = readYaml(file === '-' ? 'standard input' : file, text);
  if ('complaints' in reading) return { mistakes: reading.complaints };
  const { yaml } = reading;
  const { value, findings } = followReferences(yaml.value, { env, folder: file === '-' ? cwd : dirname(file) });
  if (findings.length > 0) return { mistakes: placed(findings, yaml) };
  return { prepared: { file: yaml.file, document: value, places: yaml.places() } };
}

/** The nearest known place of a path, as `YamlText` would answer. */
export function placeIn(places: PreparedFile['places'], path: Path, atKey = false): Place {
  for (let length = path.length; length > 0; length--) {
    const key = path.slice(0, length).join('/');
    const [line, column] = (atKey ? places[`${key}#`] : undefined) ?? places[key] ?? [];
    if (line !== undefined && column !== undefined) return { line, column };
  }
  return { line: 1, column: 1 };
}
