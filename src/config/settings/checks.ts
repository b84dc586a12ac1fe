/** `checks`: servers beside ours that inspection asks about mail. */
import { z } from 'zod';
import { closed, oneOf, readBy } from '#/codec/forms/index.ts';
import { ABSENCE_POLICIES, type AbsencePolicy } from '#/policy/index.ts';
import { duration } from './kinds.ts';
import type { Kind } from './setting.ts';

const CHECK_KINDS = ['clamd', 'rspamd'] as const;

/** One of them. */
export interface CheckSetting {
  /** As rules name it. */
  readonly name: string;
  readonly kind: (typeof CHECK_KINDS)[number];
  /** A name or a literal address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly deadlineMs: number;
  readonly absence: AbsencePolicy;
}

// What a mail may take in all is a minute: reading it, this, and a second look whether the server is there.
const deadline = duration('100ms', '45s').schema;
const DEADLINE_MS = 20_000;

const name = readBy(
  (raw) => (/^[a-z][a-z0-9-]{0,31}$/.test(raw) ? raw : null),
  'name of a check',
  'write small letters, digits and hyphens, such as clamav',
);
const address = readBy(readAddress, 'address', 'write it as 127.0.0.1:3310, [::1]:3310 or clamd.example.test:3310');

function readAddress(raw: string): { readonly host: string; readonly port: number } | null {
  const [, six, name, digits] = /^(?:\[([\da-fA-F:.]{2,45})\]|([\w.-]{1,253})):(\d{1,5})$/.exec(raw) ?? [];
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? { host: (six ?? name ?? '').toLowerCase(), port } : null;
}

const check = closed({
  name,
  kind: oneOf(...CHECK_KINDS),
  address,
  deadline: deadline.optional(),
  absence: oneOf(...ABSENCE_POLICIES).optional(),
}).transform(
  (raw): CheckSetting => ({
    name: raw.name,
    kind: raw.kind,
    ...raw.address,
    deadlineMs: raw.deadline ?? DEADLINE_MS,
    absence: raw.absence ?? 'hold',
  }),
);

/** Servers that rules may ask. */
export const checks: Kind<CheckSetting[]> = {
  type: 'list of checks',
  unit: null,
  range: null,
  schema: z.array(check).superRefine((all, context) => {
    const seen = new Set<string>();
    for (const [i, one] of all.entries()) {
      const params = { remedy: 'give each its own name' };
      if (seen.has(one.name))
        context.addIssue({ code: 'custom', path: [i, 'name'], message: `There are two checks ${one.name}.`, params });
      seen.add(one.name);
    }
  }),
  env: 'none',
};
