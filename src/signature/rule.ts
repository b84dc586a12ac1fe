/** Rules of signatures as they were read: who gets which, on which mail, and where it stands. */
import type { Wording } from '#/model/index.ts';
import type { Selector } from '#/policy/index.ts';
import type { CompiledTemplate } from './template.ts';

export const PLACES = ['below-latest-reply', 'above', 'end'] as const;
export type Place = (typeof PLACES)[number];

/** All that is given must hold. */
export interface SignatureCondition {
  readonly senders?: readonly Selector[] | undefined;
  readonly recipients?: readonly Selector[] | undefined;
  /** Of the sender, by name: one of these texts, or `*` for any. */
  readonly attributes?: Readonly<Record<string, readonly string[]>> | undefined;
  /** One of them stands in the subject or the newest text. */
  readonly keywords?: readonly string[] | undefined;
  readonly mail?: 'first' | 'reply' | undefined;
  /** Days of the tenant's calendar, both included: `2026-12-01`. */
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

export interface SignatureRule {
  readonly name: string;
  readonly when: SignatureCondition;
  /** Where one of these holds, the rule does not. */
  readonly unless: readonly SignatureCondition[];
  readonly place: Place;
  /** The next rules are looked at too, though this one holds. */
  readonly goOn: boolean;
  readonly html: CompiledTemplate | null;
  readonly text: CompiledTemplate | null;
  readonly images: ReadonlyMap<string, SignatureImage>;
}

/** A picture that a signature brings with it. */
export interface SignatureImage {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif';
  readonly base64: string;
}

/** What one rule says of one mail, and why. */
export interface SignatureOpinion {
  readonly rule: string;
  readonly holds: boolean;
  readonly why: Wording;
}
