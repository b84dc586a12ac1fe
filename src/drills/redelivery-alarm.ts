/** The first act of the drill of redelivery: when who knew of the fault, by itself or by one command of an operator who has been called. */
import { type Drafted, draftOf, eventually, type OperatorsPager, type StatusLook } from './kit/index.ts';
import { affectedIn, type RedeliveryScene } from './redelivery-scene.ts';

export interface AlarmScene extends RedeliveryScene {
  readonly pager: Pick<OperatorsPager, 'heard'>;
  readonly look: StatusLook;
  /** Wall-clock ms at which the fault began. */
  readonly from: number;
  readonly isSeen: boolean;
}

export interface Alarm {
  /** In this order they must come; wall-clock ms, null for what never came. */
  readonly status: number | null;
  readonly page: number | null;
  readonly called: number | null;
  readonly draft: number | null;
  readonly published: number | null;
  /** When the last of the contacts had their mail. */
  readonly notices: number | null;
  /** Contacts that were mailed. */
  readonly told: number;
  readonly times: Readonly<Record<string, number>>;
}

/** The component that says so where rows need a hand. */
const COMPONENT = 'records';
const SEEN_MS = 120_000;
const TOLD_MS = 300_000;

const NOTHING: Alarm = {
  ...{ status: null, page: null, called: null, draft: null, published: null, notices: null, told: 0 },
  times: {},
};

/** Waits for each, one after the other, and publishes what was drafted as soon as somebody was called. */
export async function firstWords(scene: AlarmScene): Promise<Alarm> {
  const { pager, look, from, installation, signal, progress, isSeen } = scene;
  if (!isSeen) return NOTHING;
  const comes = async (what: string, at: () => number | null): Promise<number | null> => {
    await eventually(what, () => at() !== null || signal.aborted, SEEN_MS).catch(() => {});
    signal.throwIfAborted();
    return at();
  };
  const called = (): number | null =>
    pager.heard.find(({ components }) => components.some((one) => one.endsWith(COMPONENT)))?.at ?? null;
  const status = await comes('the status changes', () => look.sinceOf(COMPONENT));
  const page = await comes('the page says so', () => look.onPageSince(COMPONENT));
  const calledAt = await comes('an operator is called', called);
  progress('An operator was called, and publishes the draft …');
  const incident = await drafted(scene);
  const draft = incident === null ? null : Date.now();
  const lettersBefore = scene.hop.others.length;
  if (incident !== null) await installation.cli('incident', 'publish', incident.id);
  const published = Date.now();
  const [notices, told] = await lettersTo(scene, lettersBefore);
  // Asked while the fault may still be there: the answer that a customer would be given on the telephone.
  await affectedIn(installation, from, Date.now());
  const affectedMs = Date.now() - from;
  const since = Object.entries({
    statusMs: status,
    pageMs: page,
    calledMs: calledAt,
    draftMs: draft,
    noticesMs: notices,
  });
  const times = Object.fromEntries(since.flatMap(([name, at]) => (at === null ? [] : [[name, at - from]])));
  return { status, page, called: calledAt, draft, published, notices, told, times: { ...times, affectedMs } };
}

async function drafted({ installation, signal }: AlarmScene): Promise<Drafted | null> {
  let found: Drafted | null = null;
  const isThere = async (): Promise<boolean> => {
    signal.throwIfAborted();
    found = await draftOf(installation, COMPONENT);
    return found !== null;
  };
  await eventually('an incident is drafted', isThere, SEEN_MS).catch(() => signal.throwIfAborted());
  return found;
}

/** When each contact has had a letter behind the first so many at the hop, and how many have. */
export async function lettersTo(
  { hop, crowd, signal }: RedeliveryScene,
  behind: number,
): Promise<[at: number | null, contacts: number]> {
  const contacts = new Set(Array.from({ length: crowd.tenants }, (_, tenant) => crowd.contactOf(tenant)));
  const toldNow = (): number => {
    const to = hop.others.slice(behind).flatMap(({ recipients }) => recipients);
    return new Set(to.filter((one) => contacts.has(one))).size;
  };
  let at: number | null = null;
  const isWhole = (): boolean => {
    signal.throwIfAborted();
    at = Date.now();
    return toldNow() === contacts.size;
  };
  await eventually('each contact is told', isWhole, TOLD_MS).catch(() => {
    signal.throwIfAborted();
    at = null;
  });
  return [at, toldNow()];
}
