/**
 * One process over several cells (design 4, Cells): each cell with claims, a deliverer and periodic work of its own on a store of its own; all
 * of them with one directory, routing, sign-in and gate. With one store none of this is there: `roles/process.ts`.
 */
import type { Settings } from '#/config/index.ts';
import type { Call, IncarnationId, Settlement } from '#/model/index.ts';
import { createResolver, RESOLVER_DEFAULTS } from '#/net/index.ts';
import { ANY_ROOM } from '#/ports/index.ts';
import { openAccess } from '../access.ts';
import { NO_BELL } from '../bell.ts';
import { startCampaignRunner } from '../campaigns.ts';
import type { Claims } from '../claims.ts';
import { openCore } from '../core.ts';
import type { Vitals } from '../health.ts';
import { newIncarnation } from '../incarnation.ts';
import { startIncidentUpkeep } from '../incidents.ts';
import { mergedLook } from '../inspect.ts';
import { serveOperations } from '../local-methods.ts';
import { openGate } from '../open-roles.ts';
import type { Opened, ProcessRoleParts } from '../opened.ts';
import { startOverdueTeller } from '../overdue.ts';
import type { People } from '../people.ts';
import { startTelemetry } from '../telemetry.ts';
import { openWebPart } from '../web-part.ts';
import { Keepers } from './keepers.ts';
import { openServices } from './services.ts';

/** Roles that know the directory: who meets people or peers, judges their mail, or writes to them. */
const SERVING = ['gate', 'deliver', 'web', 'inspect', 'janitor'] as const;

/** Serves until it is disposed. */
export async function startCells(settings: Settings, parts: ProcessRoleParts): Promise<AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const keepers = opening.use(new Keepers(settings, parts));
  await keepers.stand();
  const incarnation = newIncarnation(parts.group.name, parts.clock.now());
  const opened: Opened = { settings, parts, incarnation, stores: keepers.stores };
  const resolver = opening.use(createResolver({ ...RESOLVER_DEFAULTS, servers: settings.dns.servers }, parts));
  const people = await openPeople(opened, keepers, opening);
  const core = people?.core ?? null;
  await keepers.serveBy((cell, doomed) => openServices(cell, { core, resolver, home: settings.data, doomed }));
  const { roles, owner } = parts.group;
  if (people !== null && roles.includes('janitor'))
    opening.use(startIncidentUpkeep(opened, people.core, { custody: null, ring: () => people.claims.deliverable() }));
  const telemetry = roles.includes('janitor') ? startTelemetry(opened) : null;
  if (telemetry !== null) opening.use(telemetry);
  if (people !== null && roles.includes('janitor'))
    opening.use(startCampaignRunner(opened, people.core, () => people.claims.doorbell()));
  if (people !== null && roles.includes('janitor'))
    opening.use(startOverdueTeller(opened, people.core, () => people.claims.deliverable()));
  if (owner) opening.use(await serveOperations(opened, people, null));
  if (people !== null && roles.includes('gate'))
    opening.use(await openGate(opened, people, { resolver, room: ANY_ROOM }));
  if (people !== null && roles.includes('web')) opening.use(await openWebPart(opened, people));
  parts.health.stands(vitalsOver(keepers));
  return opening.move();
}

/** None of it in a process that only keeps house. */
async function openPeople(opened: Opened, keepers: Keepers, opening: AsyncDisposableStack): Promise<People | null> {
  const { roles, owner } = opened.parts.group;
  if (!owner && !SERVING.some((role) => roles.includes(role))) return null;
  const core = opening.use(await openCore(opened.settings, { ...opened.parts, stores: opened.stores }));
  const signsIn = owner || roles.includes('gate') || roles.includes('web');
  const access = signsIn ? opening.use(await openAccess(opened, core)) : null;
  return { core, claims: claimsOver(keepers, opened.incarnation.id), access };
}

/** The doors of all cells for gate and operators; delivering is each cell's own. */
function claimsOver(keepers: Keepers, worker: IncarnationId): Claims {
  return {
    intake: keepers.intake,
    work: null,
    // Each cell's custody puts the worker that lives there in its place.
    worker,
    doorbell: () => {
      for (const claims of keepers.claims()) claims.doorbell();
    },
    deliverable: () => {
      for (const claims of keepers.claims()) claims.deliverable();
    },
    // Each cell rings its own.
    inspectBell: { ...NO_BELL, attach: () => {} },
    settleLater: (settlement: Settlement) => settleLater(keepers, settlement),
    // Each cell's store has its own socket, and tells its own.
    settledElsewhere: () => {},
    beatAgeMs: () => Math.min(...keepers.claims().map((claims) => claims.beatAgeMs())),
    [Symbol.asyncDispose]: async () => {},
  };
}

function settleLater(keepers: Keepers, settlement: Settlement): void {
  const home = keepers.cells.homeOf(settlement.claim.mail.tenant);
  if (home !== null) keepers.named(home.name)?.settleLater(settlement);
}

/** Ready while one cell is served; stuck only where all are, since one that is stuck alone begins anew by itself. */
function vitalsOver(keepers: Keepers): Vitals {
  const all = (): readonly Vitals[] => keepers.all.flatMap((keeper) => keeper.services?.vitals ?? []);
  return {
    async prove(role: string, call: Call) {
      const proofs = all().map((vitals) => vitals.prove(role, call));
      if (proofs.length === 0) throw new Error(keepers.trouble());
      const answers = await Promise.allSettled(proofs);
      const [failed] = answers.filter(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected' && !answers.some(({ status }) => status === 'fulfilled')) throw failed.reason;
      return keepers.trouble();
    },
    stillMs: () => {
      const still = all().map((vitals) => vitals.stillMs());
      return still.length === 0 ? 0 : Math.min(...still);
    },
    doorbell: () => {
      for (const vitals of all()) vitals.doorbell();
    },
    look: async () => mergedLook(await Promise.all(all().map((vitals) => vitals.look()))),
  };
}
