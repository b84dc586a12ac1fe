/** Incidents as the roles have them: the owner's operations write them, the janitor keeps their times. */
import type { Settings } from '#/config/index.ts';
import {
  callWebhook,
  changeOperations,
  contactOperations,
  HookCaller,
  IncidentDesk,
  IncidentUpkeep,
  incidentFileOperations,
  incidentOperations,
  maintenanceOperations,
  ProcessWatch,
  reportOperations,
  SubscriberTokens,
  subscriberOperations,
  Teller,
  type TellerParts,
  WrittenChanges,
} from '#/incident/index.ts';
import { createDialer, createResolver, RESOLVER_DEFAULTS } from '#/net/index.ts';
import { IncidentLetters } from '#/notice/index.ts';
import { type DirectParts, DirectWay, OUTBOUND_LIMITS } from '#/outbound/index.ts';
import type { Clock, Custody, DirectorySource, Log, Operation } from '#/ports/index.ts';
import { linkBaseOf } from './action-links.ts';
import type { Core } from './core.ts';
import type { Opened } from './opened.ts';
import { reachIn } from './reach.ts';
import type { Stores } from './stores.ts';

interface DeskParts {
  readonly stores: Pick<Stores, 'incidents'>;
  readonly clock: Clock;
  readonly log: Log;
}

interface OperationParts extends DeskParts {
  readonly stores: Pick<Stores, 'incidents' | 'registry' | 'journal'>;
  readonly directory: DirectorySource;
  readonly timezoneOf: (tenant: string | null) => string;
}

/** Longest window of which mail is counted for a report, as for `holdfast affected`. */
const COUNTED_MS_MAX = 31 * 86_400_000;
/** What a report shows of the change log: more is no help to its reader. */
const REPORTED_CHANGES = 50;

/** Who writes and reads them. */
export function incidentDeskOf({ incidents }: Pick<Settings, 'incidents'>, parts: DeskParts): IncidentDesk {
  return new IncidentDesk({ ...parts, book: parts.stores.incidents }, { publishDrafts: incidents.publish });
}

/** On incidents, planned work, reports and the change log. */
export function operationsOnIncidents(settings: Settings, parts: OperationParts): readonly Operation[] {
  const { stores, clock } = parts;
  const desk = { desk: incidentDeskOf(settings, parts), book: stores.incidents, clock };
  const changes = new WrittenChanges({ registry: stores.registry, book: stores.incidents });
  return [
    ...incidentOperations(desk),
    ...maintenanceOperations(desk),
    ...incidentFileOperations(desk),
    ...changeOperations({ changes, clock }),
    ...contactOperations({ ...desk, directory: parts.directory, journal: stores.journal }),
    ...reportOperations({
      ...{ ...desk, directory: parts.directory, issuer: settings.hostname, timezoneOf: parts.timezoneOf },
      figures: async (window, tenant, call) => {
        if (window.to - window.from > COUNTED_MS_MAX) return null;
        const counts = await stores.journal.affectedCounts({ ...window, ...(tenant === null ? {} : { tenant }) }, call);
        const sum = (of: 'messages' | 'recipients' | 'unserved'): number =>
          counts.reduce((total, one) => total + one[of], 0);
        return { messages: sum('messages'), recipients: sum('recipients'), unserved: sum('unserved') };
      },
      changes: async (window, call) => (await changes.between(window, REPORTED_CHANGES, call)).changes,
    }),
  ];
}

type LetterParts = Pick<Core, 'directory' | 'routes' | 'returnPaths' | 'timezoneOf'>;

/** The maker of mails to contacts and subscribers. */
function lettersOf(settings: Settings, core: LetterParts): IncidentLetters {
  const { directory, routes: routing, returnPaths } = core;
  const base = linkBaseOf(settings);
  return new IncidentLetters(
    {
      hostname: settings.hostname,
      statusUrl: base === null ? null : `${base}/status`,
      timezone: core.timezoneOf(null),
    },
    { directory, routing, reach: reachIn(directory, returnPaths) },
  );
}

function tokensOf(stores: Pick<Stores, 'derivedKey'>): SubscriberTokens {
  return new SubscriberTokens(() => stores.derivedKey('status subscribers'));
}

/** On those who asked to be told. `ring` tells those who deliver that a mail waits. */
export function operationsOnSubscribers(
  settings: Settings,
  {
    stores,
    clock,
    core,
    ring,
  }: { readonly stores: Stores; readonly clock: Clock; readonly core: LetterParts; readonly ring: () => void },
): readonly Operation[] {
  return subscriberOperations({
    ...{ subscribers: stores.incidents, tokens: tokensOf(stores), mails: lettersOf(settings, core), clock },
    accept: async (mail, call) => {
      await stores.custody.accept([mail], null, call);
      ring();
    },
  });
}

/**
 * Periodic work, until it is disposed. `custody`: whose processes are noted; null over several stores. `ring` tells those who deliver that a mail
 * waits.
 */
export function startIncidentUpkeep(
  { settings, parts, stores }: Opened,
  core: LetterParts,
  { custody, ring }: { readonly custody: Pick<Custody, 'beats'> | null; readonly ring: () => void },
): AsyncDisposable {
  const { incidents: book } = stores;
  const desk = incidentDeskOf(settings, { ...parts, stores });
  const resolver = createResolver({ ...RESOLVER_DEFAULTS, servers: settings.dns.servers }, parts);
  // Nobody but the operator may name a place in our own networks, and no subscriber is one.
  const dialer = createDialer({ allow: [], authorities: [] });
  const [tokens, pages] = [tokensOf(stores), linkBaseOf(settings)];
  const direct = directWayOf(settings, { dialer, resolver });
  const hooks = new HookCaller({
    ...{ ...parts, desk, book, tokens, pages: pages ?? '' },
    call: (url, body, call) => callWebhook(url, body, { dialer, resolver }, call),
  });
  const told = {
    ...parts,
    operators: settings.operators.map(({ address }) => address),
    desk,
    book,
    ring,
    tokens,
    pages,
    directory: core.directory,
    mails: lettersOf(settings, core),
  };
  const teller = new Teller({ ...told, direct, custody: stores.custody, journal: stores.journal }, hooks);
  const processes = custody === null ? null : new ProcessWatch({ custody, book, clock: parts.clock });
  const upkeep = new IncidentUpkeep({ ...parts, desk, processes, teller }).start();
  return {
    [Symbol.asyncDispose]: async () => {
      await upkeep[Symbol.asyncDispose]();
      await hooks[Symbol.asyncDispose]();
      resolver[Symbol.dispose]();
    },
  };
}

/** Past the queue, by a smarthost that the operator named. */
function directWayOf(
  { hostname, status }: Pick<Settings, 'hostname' | 'status'>,
  parts: Pick<DirectParts, 'dialer' | 'resolver'>,
): TellerParts['direct'] {
  if (status.notices === null) return null;
  const { username, password, ...hop } = status.notices;
  const credentials = username === null || password === null ? null : { username, password };
  const way = new DirectWay({ ...hop, credentials }, { ...parts, hostname, limits: OUTBOUND_LIMITS });
  return (mail, to, call) => way.send(mail, to, call);
}
