/** The last act of the drill of redelivery: a campaign over what was lost, of which some refuse their part, and whose process is killed while it runs. */
import { eventually, kill, pause } from './kit/index.ts';
import { lettersTo } from './redelivery-alarm.ts';
import { type Affected, type RedeliveryScene, windowOf } from './redelivery-scene.ts';

export interface CampaignScene extends RedeliveryScene {
  /** The window, wall-clock ms. */
  readonly from: number;
  readonly to: number;
  readonly affected: Affected;
  readonly kills: number;
}

/** As `holdfast campaign show --json` says it. */
interface Shown {
  readonly id: string;
  readonly state: string;
  readonly recipients: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

export interface CampaignRun {
  readonly scope: number;
  readonly outcomes: Shown['outcomes'];
  readonly state: string;
  /** Tenants that refused all of theirs. */
  readonly refusing: ReadonlySet<string>;
  /** Addresses of the one mail that another one refused. */
  readonly refusedAddresses: ReadonlySet<string>;
  readonly kills: number;
  /** Contacts that were told when it was announced, and when it was completed. */
  readonly toldBefore: number;
  readonly toldAfter: number;
  readonly report: string;
  readonly times: Readonly<Record<string, number>>;
}

/** One company of so many refuses. */
const REFUSES_EVERY = 10;
/** A run is as long as kills need, and no faster than a campaign may be. */
const RUN_S = 15;
const PACE_MAX = 1_000;
const COMPLETED_MS = 30 * 60_000;
const LOOK_MS = 300;

export async function runCampaign(scene: CampaignScene): Promise<CampaignRun> {
  const { installation, hop, crowd, from, to, affected, progress } = scene;
  const pace = Math.min(PACE_MAX, Math.max(1, Math.ceil(affected.unserved / RUN_S)));
  const verb = (...words: string[]): Promise<Shown> => installation.json<Shown>('campaign', ...words);
  const draftedFrom = performance.now();
  const { id } = await verb('draft', 'Lost instructions', ...windowOf(from, to), '--pace', String(pace));
  const draftCampaignMs = performance.now() - draftedFrom;
  let letters = hop.others.length;
  progress(`A campaign for ${affected.unserved} recipients is announced; one company of ${REFUSES_EVERY} refuses …`);
  await verb('announce', id, '--choice', '1h', '--closed', '1h');
  const [, toldBefore] = await lettersTo(scene, letters);
  const refusing = await refuse(scene, id);
  const refusedAddresses = await refuseOne(scene, id, crowd.idOf(refusing.size));
  await verb('close', id);
  letters = hop.others.length;
  const runFrom = performance.now();
  await verb('run', id);
  const kills = await killWhileItRuns(scene, id);
  const done = await completed(scene, id);
  const campaignMs = performance.now() - runFrom;
  const [, toldAfter] = await lettersTo(scene, letters);
  const { markdown } = await installation.json<{ markdown: string }>('campaign', 'report', id);
  return {
    ...{ scope: done.recipients, outcomes: done.outcomes, state: done.state, refusing, refusedAddresses, kills },
    ...{ toldBefore, toldAfter, report: markdown, times: { draftCampaignMs, campaignMs } },
  };
}

async function refuse({ installation, crowd }: CampaignScene, id: string): Promise<ReadonlySet<string>> {
  const refusing = Array.from({ length: Math.floor(crowd.tenants / REFUSES_EVERY) }, (_, tenant) => crowd.idOf(tenant));
  for (const tenant of refusing) await installation.json('campaign', 'choose', id, 'stop', '--tenant', tenant);
  return new Set(refusing);
}

/** Another one refuses a single mail; the addresses of it that are in the campaign. */
async function refuseOne({ installation }: CampaignScene, id: string, tenant: string): Promise<ReadonlySet<string>> {
  const lines = await installation.json<readonly { id: string; address: string }[]>(
    ...['campaign', 'show', id, '--tenant', tenant, '--list'],
  );
  const [first] = lines;
  if (first === undefined) return new Set();
  await installation.json('campaign', 'choose', id, 'stop', '--tenant', tenant, '--message', first.id);
  return new Set(lines.filter((line) => line.id === first.id).map(({ address }) => address));
}

/** Kills whoever runs it, each time when it has got further and is not through; how often that was. */
async function killWhileItRuns({ installation, kills, signal, progress }: CampaignScene, id: string): Promise<number> {
  let killed = 0;
  let left = Number.POSITIVE_INFINITY;
  while (killed < kills) {
    signal.throwIfAborted();
    await pause(LOOK_MS);
    const { state, outcomes } = await installation.json<Shown>('campaign', 'show', id);
    if (state !== 'running') break;
    const { listed = 0, released = 0, served = 0 } = outcomes;
    if (listed === 0) break;
    if (released + served === 0 || listed >= left) continue;
    const pid = (await installation.pids()).get('janitor');
    if (pid === undefined || !kill(pid)) continue;
    left = listed;
    killed += 1;
    progress(`${killed} of ${kills} kills of the process that runs it, with ${listed} recipients to go …`);
  }
  return killed;
}

async function completed({ installation, signal }: CampaignScene, id: string): Promise<Shown> {
  let shown: Shown | undefined;
  const isCompleted = async (): Promise<boolean> => {
    signal.throwIfAborted();
    await pause(LOOK_MS);
    shown = await installation.json<Shown>('campaign', 'show', id);
    return shown.state === 'completed';
  };
  // What is not completed is for the judgement to name.
  await eventually('it is completed', isCompleted, COMPLETED_MS).catch(() => signal.throwIfAborted());
  return shown ?? { id, state: 'unknown', recipients: 0, outcomes: {} };
}
