/** Both ends of `ports/custody.ts` over the local socket, from one list of its methods. */
import type { Call, Settlement } from '#/model/index.ts';
import { isFault, within } from '#/model/index.ts';
import type { Custody } from '#/ports/index.ts';
import { checked } from './arguments.ts';

/** The part of a local client that is used here. */
export interface RemoteCaller {
  call(method: string, args: unknown, call: Call): Promise<unknown>;
}

/** A method as the local server serves it. */
export type RemoteMethod = (args: unknown, context: { readonly call: Call }) => Promise<unknown>;

type AsyncName = Exclude<keyof Custody, 'reserveBytes' | symbol>;
type Arguments<Name extends AsyncName> = Parameters<Custody[Name]> extends [...infer Front, Call] ? Front : never;

/** How many arguments each method takes before its call: with the names, all that a caller may ask for. */
const ARITY: { readonly [Name in AsyncName]: Arguments<Name>['length'] } = {
  accept: 2,
  claim: 2,
  settle: 2,
  body: 1,
  depth: 0,
  enlist: 1,
  beat: 1,
  beats: 0,
  retire: 2,
  act: 4,
  sweep: 0,
  scrub: 2,
  books: 0,
  recount: 0,
  rollOver: 3,
  remember: 2,
  recall: 1,
};

const PREFIX = 'custody.';
const RESERVE = `${PREFIX}reserveBytes`;
const RESERVE_MS = 2_000;

/** An answer carries the reserve with it, which the port gives without waiting. */
type Answer = { readonly value: unknown; readonly reserveBytes: number };

/** What the process that writes custody serves to the others, by method name. `onSettled` hears of outcomes once they are recorded. */
export function custodyMethods(
  custody: Custody,
  onSettled: (settlement: Settlement) => void = () => {},
): Map<string, RemoteMethod> {
  const methods = new Map<string, RemoteMethod>();
  const answer = (value: unknown): Answer => ({ value, reserveBytes: custody.reserveBytes() });
  for (const [name, arity] of Object.entries(ARITY)) {
    const perform = Reflect.get(custody, name) as (...args: unknown[]) => Promise<unknown>;
    methods.set(`${PREFIX}${name}`, async (args, { call }) =>
      answer(await perform.apply(custody, [...checked(args, arity), call])),
    );
  }
  methods.set(`${PREFIX}settle`, async (args, { call }) => {
    const [settlement, worker] = checked(args, ARITY.settle) as Arguments<'settle'>;
    const answers = await custody.settle(settlement, worker, call);
    onSettled(settlement);
    return answer(answers);
  });
  methods.set(RESERVE, async () => answer(null));
  return methods;
}

/**
 * Custody behind a local client. `reserveBytes` is as old as the last answer, some seconds at most while it is asked for; until the
 * first answer it is larger than any disk, so that nothing is accepted on a guess. Disposing leaves the client open, which is somebody else's.
 * `onDoubt` hears of a claim whose answer was lost: it may have come to be, and then its rows are claimed by a worker that does not know
 * of them. Who claims must give up its incarnation then, in order, and begin anew with another.
 */
export function remoteCustody(client: RemoteCaller, onDoubt: () => void = () => {}): Custody {
  const reserve = new Reserve(client);
  const ask =
    <Name extends AsyncName>(name: Name) =>
    async (...args: Parameters<Custody[Name]>): Promise<Awaited<ReturnType<Custody[Name]>>> => {
      const call = args[ARITY[name]] as Call;
      const answer = await client.call(`${PREFIX}${name}`, args.slice(0, ARITY[name]), call);
      return reserve.take(answer) as Awaited<ReturnType<Custody[Name]>>;
    };
  return {
    accept: ask('accept'),
    claim: async (request, worker, call) => {
      try {
        return await ask('claim')(request, worker, call);
      } catch (error) {
        if (mayHaveCome(error)) onDoubt();
        throw error;
      }
    },
    // The content stays where it is: an outcome does not need it.
    settle: (settlement, worker, call) =>
      ask('settle')({ ...settlement, claim: { ...settlement.claim, body: null } }, worker, call),
    body: ask('body'),
    depth: ask('depth'),
    enlist: ask('enlist'),
    beat: ask('beat'),
    beats: ask('beats'),
    retire: ask('retire'),
    act: ask('act'),
    sweep: ask('sweep'),
    scrub: ask('scrub'),
    books: ask('books'),
    recount: ask('recount'),
    rollOver: ask('rollOver'),
    remember: ask('remember'),
    recall: ask('recall'),
    reserveBytes: () => reserve.now(),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The last reserve that an answer told. */
class Reserve {
  readonly #client: RemoteCaller;
  #known: number = Number.MAX_SAFE_INTEGER;
  #toldAt = Number.NEGATIVE_INFINITY;
  #looking = false;

  constructor(client: RemoteCaller) {
    this.#client = client;
  }

  now(): number {
    if (!this.#looking && performance.now() - this.#toldAt > RESERVE_MS) void this.#look();
    return this.#known;
  }

  take(answer: unknown): unknown {
    const { value, reserveBytes } = answer as Answer;
    this.#known = reserveBytes;
    this.#toldAt = performance.now();
    return value;
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      this.take(await this.#client.call(RESERVE, [], within(RESERVE_MS)));
    } catch {
      // The next call of any other method tells that the server is gone.
      this.#toldAt = performance.now();
    } finally {
      this.#looking = false;
    }
  }
}

/** Whether a call that failed so may have been carried out. One that found nobody to connect to has the system's error as its cause. */
function mayHaveCome(error: unknown): boolean {
  return isFault(error, 'call.late') || (isFault(error, 'server.unreachable') && (error as Error).cause === undefined);
}
