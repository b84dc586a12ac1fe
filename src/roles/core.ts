/**
 * What a server and a command on a stopped installation both need: the directory, routing, the maker of notices, and the operations.
 * Opened over stores that somebody else opened and closes.
 */
import { announceOperations } from '#/announce/index.ts';
import { backupOperations } from '#/backup/index.ts';
import { campaignOperations } from '#/campaign/index.ts';
import {
  type ApplyParts,
  bypassOperations,
  configOperations,
  connectOperations,
  draftOfTenant,
  policyOperations,
  type Settings,
  tenantsOf,
} from '#/config/index.ts';
import { PeopleShelf, peopleOperations, type RunningDirectory, startDirectory } from '#/directory/index.ts';
import { downloadOperations, heldOperations, type LinkDesk } from '#/held/index.ts';
import { BypassBook, DocumentReader, documentOperations, RuleBook, rehearsalOperations } from '#/inspect/index.ts';
import { affectedOperations, readAffected } from '#/journal/index.ts';
import type { TenantId } from '#/model/index.ts';
import { createResolver, RESOLVER_DEFAULTS } from '#/net/index.ts';
import { PeopleMails } from '#/notice/index.ts';
import { Copies, Notices, type OutboundSettings, Routes, signatureOperations } from '#/outbound/index.ts';
import { withTerms } from '#/policy/index.ts';
import type {
  Bypasses,
  Clock,
  Log,
  LoopStamps,
  Meter,
  Operation,
  PeopleGenerations,
  PeopleNotices,
  ReturnPaths,
} from '#/ports/index.ts';
import { type OperationParts, parseTime, queueOperations, readQuery } from '#/queue/index.ts';
import { keyOperations, keyRecordsOf, maySend } from '#/trust/index.ts';
import { linkBaseOf, openActionLinks } from './action-links.ts';
import { auditLogOperations } from './audit.ts';
import { cloudFrontOf } from './cloud-front.ts';
import { keySealOf } from './domain-keys.ts';
import { checkTermsOf } from './hooks.ts';
import { operationsOnIncidents, operationsOnSubscribers } from './incidents.ts';
import { openLoopStamps } from './loop-stamps.ts';
import { renewMailboxes } from './mailboxes.ts';
import { reachIn } from './reach.ts';
import { openReturnPaths } from './return-paths.ts';
import { installationOf, mailServicesOf, outboundSettingsOf, ruleContextOf } from './settings.ts';
import type { Stores } from './stores.ts';
import { operationsOnSubjects } from './subjects.ts';

export interface CoreParts {
  readonly stores: Stores;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent in a command on a stopped installation. */
  readonly meter?: Meter;
}

const UNCOUNTED: Pick<Meter, 'counter'> = { counter: () => ({ add: () => {} }) };

export interface Core extends AsyncDisposable {
  readonly outbound: OutboundSettings;
  readonly directory: RunningDirectory;
  /** What is known of people, by generations. */
  readonly generations: PeopleGenerations;
  readonly rules: RuleBook;
  readonly bypasses: Bypasses;
  readonly copies: Copies;
  readonly routes: Routes;
  readonly notices: Notices;
  readonly links: LinkDesk;
  /** The maker of mails to people about mail that policy has decided on. */
  readonly people: PeopleNotices;
  readonly returnPaths: ReturnPaths;
  readonly loopStamps: LoopStamps;
  /** IANA name, of the tenant where one is named; else of the machine. */
  timezoneOf(tenant: string | null): string;
  /** The maker of notices about mail that these keepers keep. */
  noticesFor(keepers: Pick<Stores, 'custody' | 'blobs'>): Notices;
  /** Operations on queue and resources. */
  operations(
    queue: Pick<OperationParts, 'worker' | 'settleLater' | 'doorbell'>,
    secrets: ApplyParts['secrets'],
  ): readonly Operation[];
}

/** Loads the newest directory. */
export async function openCore(settings: Settings, parts: CoreParts): Promise<Core> {
  const { stores, clock, log, meter = UNCOUNTED } = parts;
  const outbound = outboundSettingsOf(settings);
  const rules = ruleContextOf(settings);
  const directory = await startDirectory({
    registry: stores.registry,
    clock,
    log,
    tenantsOf: (resources) => tenantsOf(resources, rules),
    installation: installationOf(settings),
  });
  const generations = new PeopleShelf({ book: stores.people, directory, clock });
  const terms = checkTermsOf(settings);
  const book = new RuleBook(directory, settings.policies, terms);
  const bypasses = new BypassBook(book, { directory, clock });
  const routes = new Routes(outbound, directory, bypasses);
  const returnPaths = openReturnPaths(settings, clock);
  const noticesFor = (keepers: Pick<Stores, 'custody' | 'blobs'>): Notices =>
    new Notices(
      { hostname: settings.hostname, expireMs: settings.retry.expire },
      { ...keepers, directory, routing: routes, returnPaths, clock },
    );
  const notices = noticesFor({ custody: stores.custody, blobs: stores.blobs });
  const copies = new Copies({
    custody: stores.custody,
    directory,
    routing: routes,
    reach: reachIn(directory, returnPaths),
    clock,
  });
  const links = openActionLinks(settings, { directory, clock });
  const people = new PeopleMails(
    { hostname: settings.hostname, heldMs: settings.retention.held, pages: linkBaseOf(settings) },
    { directory, routing: routes, reach: reachIn(directory, returnPaths), links, clock, meter },
  );
  const timezoneOf = (tenant: string | null): string => {
    const known = tenant === null ? undefined : directory.current().tenant(tenant as TenantId);
    return known?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  };
  // For what administrators look up: nobody's mail waits behind it.
  const resolver = createResolver({ ...RESOLVER_DEFAULTS, servers: settings.dns.servers }, parts);
  const affected = {
    ...{ journal: stores.journal, directory, clock },
    readTime: (text: string, tenant: string | null) =>
      parseTime(text, { now: clock.now(), timezone: timezoneOf(tenant) }),
  };
  return {
    outbound,
    directory,
    generations,
    rules: book,
    bypasses,
    copies,
    routes,
    notices,
    links,
    people,
    returnPaths,
    loopStamps: openLoopStamps(settings, clock),
    noticesFor,
    timezoneOf,
    operations: (queue, secrets) => [
      ...queueOperations({
        custody: stores.custody,
        journal: stores.journal,
        clock,
        log,
        notices,
        blobs: stores.blobs,
        auditLog: stores.registry,
        timezoneOf,
        heldMs: settings.retention.held,
        ...queue,
      }),
      ...heldOperations({
        ...{ custody: stores.custody, journal: stores.journal, blobs: stores.blobs },
        ...{ clock, log, directory, notices, people, decisions: stores.decisions },
        ...queue,
        readFilter: (query, tenant) => readQuery({ query, tenant: tenant ?? undefined }, { clock, timezoneOf }),
      }),
      ...affectedOperations(affected),
      ...campaignOperations({
        ...{ campaigns: stores.campaigns, journal: stores.journal, directory, clock },
        readWindow: (words) => readAffected(words, affected),
      }),
      ...downloadOperations({ downloads: stores.downloads, directory, clock }),
      ...documentOperations({
        documents: stores.policyMemory.documents,
        reader: new DocumentReader(),
        directory,
        clock,
      }),
      ...peopleOperations({ ...{ book: stores.people, shelf: generations }, directory, clock, log }),
      ...configOperations({
        registry: stores.registry,
        clock,
        secrets,
        rules,
        switched: (call) => directory.refresh(call),
      }),
      ...bypassOperations({
        registry: stores.registry,
        clock,
        hostname: settings.hostname,
        switched: (call) => directory.refresh(call),
      }),
      ...connectOperations({ registry: stores.registry, ...cloudFrontOf(settings, { clock, log }) }),
      ...operationsOnIncidents(settings, { ...{ stores, clock, log, directory }, timezoneOf }),
      ...operationsOnSubscribers(settings, {
        ...{ stores, clock, ring: queue.doorbell },
        core: { directory, routes, returnPaths, timezoneOf },
      }),
      ...signatureOperations({ directory, people: generations, clock }),
      ...policyOperations({
        registry: stores.registry,
        clock,
        rules,
        switched: (call) => directory.refresh(call),
      }),
      ...rehearsalOperations({
        past: stores.past,
        clock,
        installation: settings.policies,
        absences: ({ checks }) => withTerms(terms, checks ?? {}).absences,
        keptMs: settings.retention.facts,
        draftOf: (draft, call) => draftOfTenant(draft, { registry: stores.registry, rules }, call),
      }),
      ...auditLogOperations(stores.registry),
      ...operationsOnSubjects({ stores, directory, generations, clock }),
      ...announceOperations({
        ...{ directory, services: mailServicesOf(settings), resolver },
        maySend: (domain, call) => maySend(domain, settings.hostname, resolver, call),
        keyRecords: (domain, tenant, call) => keyRecordsOf(domain, tenant, stores.domainKeys, call),
      }),
      ...keyOperations({
        ...{ keys: stores.domainKeys, seal: () => keySealOf(stores), directory, resolver, clock },
        hostname: settings.hostname,
      }),
      ...backupOperations({
        custody: stores.custody,
        clock,
        log,
        renewMailboxes: () => renewMailboxes(settings, { clock }),
      }),
    ],
    [Symbol.asyncDispose]: async () => {
      resolver[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}
