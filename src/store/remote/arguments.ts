import { Fault } from '#/model/index.ts';

/** The arguments of a call, as many as its method takes; fault `call.refused` otherwise. */
export function checked(args: unknown, arity: number): readonly unknown[] {
  if (!Array.isArray(args) || args.length !== arity)
    throw new Fault('call.refused', `It wants ${arity} arguments: use the command of the same release.`);
  return args;
}
