/** An act as a person asked for it: whether they may, and what custody is asked for. Pure. */
import type { Directory, HeldAct, HeldVerb } from '#/model/index.ts';
import type { Trace, TracedRecipient } from '#/ports/index.ts';
import type { Actor } from './actor.ts';
import { type Right, rightOf, rightToSkip } from './rights.ts';
import { NEEDS_REASON } from './why-not.ts';

/** An act as it was asked for. */
export interface Asked {
  readonly verb: HeldVerb;
  readonly actor: Actor;
  /** Empty where none was given. */
  readonly reason: string;
  /** Of a release: without the changes that its rule asks for. */
  readonly asItIs?: boolean;
}

/** A recipient to whom this may be done. */
export interface Meant {
  readonly recipient: TracedRecipient;
  readonly forAll: boolean;
}

/** Whether this may be done to this recipient, the reason that it takes included. */
export function rightToAct(
  mail: Trace,
  recipient: Pick<TracedRecipient, 'state' | 'reason' | 'releaseAt' | 'verdict'>,
  { verb, actor, reason, asItIs = false }: Asked,
  directory: Directory,
): Right {
  const right = asItIs
    ? rightToSkip(mail, recipient, actor, directory)
    : rightOf(verb, mail, recipient, actor, directory);
  return right.kind === 'may' && right.needsReason && reason === '' ? { kind: 'mayNot', why: NEEDS_REASON } : right;
}

/** What custody is asked for. */
export function actOf(
  verb: Exclude<HeldVerb, 'reject'>,
  { actor, reason: comment, asItIs = false }: Asked,
  forAll: boolean,
): HeldAct {
  switch (verb) {
    case 'release':
      return { kind: 'letGo', comment, ...(asItIs && { asItIs }) };
    case 'stop':
      return { kind: 'stop', comment };
    case 'delete':
      return { kind: 'delete', reason: comment === '' ? 'deleted by its sender' : comment };
    case 'approve':
      return { kind: 'approve', person: actor.kind === 'person' ? actor.address : actor.by, forAll, comment };
  }
}
