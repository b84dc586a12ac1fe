/** Incident reports as operators make them, and as a tenant's administrators read their own (H11). */
import { z } from 'zod';
import {
  type Call,
  type Incident,
  type IncidentId,
  type IncidentReport,
  REPORT_VERSIONS,
  type Tenant,
  type TenantId,
} from '#/model/index.ts';
import { type DirectorySource, type Operation, type OperationContext, operation, Refusal } from '#/ports/index.ts';
import { keepText } from '../files.ts';
import { INCIDENT_ID } from '../input.ts';
import { INCIDENT_LIMITS } from '../limits.ts';
import { type IncidentOperationParts, SEEN } from '../operations.ts';
import { pdfOf } from './pdf.ts';
import { type AffectedFigures, type DatedChange, formatReport, numberOf, windowOf } from './report.ts';

export interface ReportOperationParts extends IncidentOperationParts {
  readonly directory: DirectorySource;
  /** Who gives reports out, as readers know them. */
  readonly issuer: string;
  /** IANA name, for what is for everybody. */
  timezoneOf(tenant: string | null): string;
  /** What was affected in a window, wall-clock ms; null where nobody counts it. */
  figures(window: Window, tenant: TenantId | null, call: Call): Promise<AffectedFigures | null>;
  /** What was changed in a window, oldest first. */
  changes(window: Window, call: Call): Promise<readonly DatedChange[]>;
}

interface Window {
  readonly from: number;
  readonly to: number;
}

/** What was changed so long before the first symptom may be its cause. */
const CHANGES_BEFORE_MS = 2 * 3_600_000;

const wanted = {
  id: INCIDENT_ID,
  version: z.enum(REPORT_VERSIONS),
  /** Of one tenant, with its own figures; nobody's where none is named. */
  tenant: z.string().max(100).optional(),
  /** Else the tenant's. */
  language: z.enum(['en', 'ja']).optional(),
  /** Whether it names what was changed around that time: for people of the house. */
  changes: z.boolean().default(false),
  /** As a PDF document, too. */
  pdf: z.boolean().default(false),
} as const;
/** Base64; null where nobody asked for it. */
const pdf = z.string().nullable();
const asked = z.strictObject(wanted);
type Asked = z.output<typeof asked>;

/** All operations on reports. */
export function reportOperations(parts: ReportOperationParts): readonly Operation[] {
  return [draft(parts), issue(parts), own(parts)];
}

function draft(parts: ReportOperationParts): Operation {
  return operation({
    name: 'report.draft',
    summary: 'The report of an incident as it would be given out now, in Markdown.',
    scope: 'operator',
    reads: true,
    input: asked,
    output: z.object({ markdown: z.string(), pdf }),
    async handle(input, context) {
      const incident = await reported(input, parts, context.call);
      const markdown = await written(incident, input, null, parts, context);
      const name = numberOf({ incident, number: null });
      return { markdown, pdf: inPdf(input.pdf ? markdown : null, languageOf(input, parts), name) };
    },
  });
}

function issue(parts: ReportOperationParts): Operation {
  const { desk, book, clock } = parts;
  return operation({
    name: 'report.issue',
    summary: 'Gives a report out: it has a number from now on, and stays as it is.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ ...wanted, ...SEEN }),
    output: z.object({ number: z.string(), file: z.string(), markdown: z.string(), pdf }),
    subject: ({ id, version, tenant }) => [id, version, tenant && `tenant:${tenant}`].filter(Boolean).join(' '),
    async handle({ seen, ...input }, context) {
      const { call, by } = context;
      for (let n = 0; n < INCIDENT_LIMITS.triesMax; n++) {
        const incident = await reported(input, parts, call);
        if (input.version === 'final' && incident.cause === null)
          throw new Refusal(
            1,
            `${input.id} has no cause yet: write it (holdfast incident postmortem), or issue an interim report.`,
          );
        const number = incident.reports.length + 1;
        const markdown = await written(incident, input, number, parts, context);
        const named = numberOf({ incident, number });
        const text = { name: `${named}.md`, type: 'text/markdown', text: markdown };
        const file = await keepText(book, incident.id, text, call);
        const report: IncidentReport = {
          ...{ number, file, version: input.version },
          language: languageOf(input, parts),
          tenant: (input.tenant ?? null) as TenantId | null,
        };
        const added = await desk.add(
          incident.id,
          seen ?? null,
          (now) => (now.reports.length === number - 1 ? [{ kind: 'reported', at: clock.now(), by, report }] : null),
          call,
        );
        if (added.reports.some((one) => one.file.id === file.id))
          return {
            ...{ number: named, file: file.id, markdown },
            pdf: inPdf(input.pdf ? markdown : null, report.language, named),
          };
      }
      throw new Refusal(4, 'Others give reports out at the same moment. Try again.');
    },
  });
}

/** What a tenant may read: reports for everybody, and its own. */
function own({ desk, book }: ReportOperationParts): Operation {
  return operation({
    name: 'report.mine',
    summary: 'Reports of incidents that are for this tenant or for everybody, newest first.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({
      tenant: z.string().max(100),
      /** One of them, with its text. */
      number: z.string().max(40).optional(),
      /** As a PDF document, too. */
      pdf: z.boolean().default(false),
    }),
    output: z.object({
      reports: z.array(
        z.object({
          number: z.string(),
          incident: z.string(),
          title: z.object({ en: z.string(), ja: z.string() }),
          version: z.enum(REPORT_VERSIONS),
          language: z.enum(['en', 'ja']),
          own: z.boolean(),
          markdown: z.string().nullable(),
          pdf,
        }),
      ),
    }),
    async handle({ tenant, number, pdf: wantsPdf }, { call }) {
      const incidents = await desk.all({ kind: 'incident' }, INCIDENT_LIMITS.listMax, call);
      const theirs = incidents.flatMap((incident) =>
        incident.reports
          .filter((one) => one.tenant === tenant || (one.tenant === null && concerns(incident, tenant)))
          .map((report) => ({ incident, report, named: numberOf({ incident, number: report.number }) })),
      );
      const chosen = number === undefined ? theirs : theirs.filter(({ named }) => named === number);
      if (number !== undefined && chosen.length === 0)
        throw new Refusal(1, `There is no report ${number} for ${tenant}.`);
      const reports = chosen.map(async ({ incident, report, named }) => {
        const octets = number === undefined ? null : await book.file(incident.id, report.file.id, call);
        const markdown = octets === null ? null : Buffer.from(octets).toString();
        return {
          ...{ number: named, incident: incident.id, title: incident.title, version: report.version },
          ...{ language: report.language, own: report.tenant === tenant },
          ...{ markdown, pdf: inPdf(wantsPdf ? markdown : null, report.language, named) },
        };
      });
      return { reports: await Promise.all(reports) };
    },
  });
}

function inPdf(markdown: string | null, language: 'en' | 'ja', name: string): string | null {
  return markdown === null ? null : pdfOf(markdown, { language, name }).toString('base64');
}

/** What is told to some tenants alone is no business of the others. */
function concerns({ tenants }: Incident, tenant: string): boolean {
  return tenants === null || tenants.some((one) => one === tenant);
}

async function reported({ id, tenant }: Asked, parts: ReportOperationParts, call: Call): Promise<Incident> {
  const incident = (await parts.desk.found(id as IncidentId, call))?.incident;
  if (incident?.kind !== 'incident')
    throw new Refusal(1, `There is no incident ${id}. "holdfast incident list" shows those that there are.`);
  if (incident.isDraft || incident.isDropped)
    throw new Refusal(1, `${id} is not published: there is nothing to report.`);
  if (tenant !== undefined && tenantOf(tenant, parts) === null) throw new Refusal(1, `There is no tenant ${tenant}.`);
  return incident;
}

async function written(
  incident: Incident,
  input: Asked,
  number: number | null,
  parts: ReportOperationParts,
  { call }: OperationContext,
): Promise<string> {
  const now = parts.clock.now();
  const tenant = input.tenant === undefined ? null : tenantOf(input.tenant, parts);
  const window = windowOf(incident, now);
  const changes = input.changes
    ? await parts.changes({ from: window.from - CHANGES_BEFORE_MS, to: window.to }, call)
    : [];
  return formatReport({
    ...{ incident, number, tenant, changes, now },
    version: input.version,
    language: languageOf(input, parts),
    figures: await parts.figures(window, tenant?.id ?? null, call),
    issuer: parts.issuer,
    timezone: parts.timezoneOf(tenant?.id ?? null),
  });
}

function languageOf({ language, tenant }: Asked, parts: ReportOperationParts): 'en' | 'ja' {
  return language ?? (tenant === undefined ? 'en' : (tenantOf(tenant, parts)?.language ?? 'en'));
}

function tenantOf(id: string, { directory }: ReportOperationParts): Tenant | null {
  return directory.current().tenant(id as TenantId) ?? null;
}
