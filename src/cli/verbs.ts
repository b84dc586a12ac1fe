/** The verbs, in the order in which the help lists them. Each is loaded only when it is used, so that every command starts quickly. */
import type { ListedVerb } from './verb.ts';

export const VERBS: readonly ListedVerb[] = [
  {
    name: 'serve',
    summary: 'run the server',
    load: async () => (await import('./verbs/serve.ts')).serve,
  },
  {
    name: 'apply',
    summary: 'create and change tenants, domains, users, relays from a file',
    load: async () => (await import('./verbs/apply.ts')).apply,
  },
  {
    name: 'export',
    summary: 'write them as a file that apply takes back',
    load: async () => (await import('./verbs/export.ts')).exportResources,
  },
  {
    name: 'try',
    summary: 'send a mail through everything and show its way',
    load: async () => (await import('./verbs/try.ts')).tryOut,
  },
  {
    name: 'trace',
    summary: 'where is a mail, since when, why, and what next',
    load: async () => (await import('./verbs/trace.ts')).trace,
  },
  {
    name: 'queue',
    summary: 'list, show, hold, release, retry, reroute, bounce, drop what waits',
    load: async () => (await import('./verbs/queue.ts')).queue,
  },
  {
    name: 'held',
    summary: 'mail that a policy holds or that waits for approval: see, release, approve …',
    load: async () => (await import('./verbs/held.ts')).held,
  },
  {
    name: 'upstream',
    summary: 'how other mail servers take our mail: by provider, since when not, and what they say',
    load: async () => (await import('./verbs/upstream.ts')).upstream,
  },
  {
    name: 'affected',
    summary: 'which mail a fault may have touched: tenants, messages, recipients, served or not',
    load: async () => (await import('./verbs/affected.ts')).affected,
  },
  {
    name: 'campaign',
    summary: 'send again, in the open, what a fault left unserved: draft, announce, choose, run, report',
    load: async () => (await import('./verbs/campaign.ts')).campaign,
  },
  {
    name: 'download',
    summary: 'files of sent mail that can be downloaded: see who did, lock, extend, revoke',
    load: async () => (await import('./verbs/download.ts')).download,
  },
  {
    name: 'document',
    summary: 'documents that must not leave in part: register, list, remove',
    load: async () => (await import('./verbs/document.ts')).document,
  },
  {
    name: 'directory',
    summary: 'what is known of people, for signatures: load, look, compare, step back',
    load: async () => (await import('./verbs/directory.ts')).directory,
  },
  {
    name: 'incident',
    summary: 'tell people of trouble: open, update, resolve; publish what a rule drafted',
    load: async () => (await import('./verbs/incident.ts')).incident,
  },
  {
    name: 'changes',
    summary: 'what was changed around a time: rules, acts of operators, processes',
    load: async () => (await import('./verbs/changes.ts')).changes,
  },
  {
    name: 'contacts',
    summary: 'who would hear of an incident, and who would not',
    load: async () => (await import('./verbs/contacts.ts')).contacts,
  },
  {
    name: 'maintenance',
    summary: 'tell people of planned work, which begins and ends by itself',
    load: async () => (await import('./verbs/maintenance.ts')).maintenance,
  },
  {
    name: 'audit',
    summary: 'count every recipient again and prove that the books balance',
    load: async () => (await import('./verbs/audit.ts')).audit,
  },
  {
    name: 'backup',
    summary: 'copy the whole installation while it runs; check a copy',
    load: async () => (await import('./verbs/backup.ts')).backup,
  },
  {
    name: 'restore',
    summary: 'make an installation of a backup',
    load: async () => (await import('./verbs/restore.ts')).restore,
  },
  {
    name: 'relay',
    summary: 'who sends through us, seen when, with what trouble; switch one on or off',
    load: async () => (await import('./verbs/relay.ts')).relay,
  },
  {
    name: 'connect',
    summary: 'what to set in Microsoft 365 or Google Workspace, ready to paste',
    load: async () => (await import('./verbs/connect.ts')).connect,
  },
  {
    name: 'mailbox',
    summary: 'accounts: list, show, recover what was deleted, purge, legal hold',
    load: async () => (await import('./verbs/mailbox.ts')).mailbox,
  },
  {
    name: 'subject',
    summary: 'a person asks what is kept of them, or to be erased: export, erase',
    load: async () => (await import('./verbs/subject.ts')).subject,
  },
  {
    name: 'policy',
    summary: 'what the rules would do with a mail, and why; who changed them; one step back',
    load: async () => (await import('./verbs/policy.ts')).policy,
  },
  {
    name: 'signature',
    summary: 'which signature a mail would get, and why; how one looks for a person',
    load: async () => (await import('./verbs/signature.ts')).signature,
  },
  {
    name: 'bypass',
    summary: 'let the mail of one tenant go by inspection for a time, or around this server',
    load: async () => (await import('./verbs/bypass.ts')).bypass,
  },
  {
    name: 'dns',
    summary: 'the records to publish for a domain, and which of them are there',
    load: async () => (await import('./verbs/dns.ts')).dns,
  },
  {
    name: 'dkim',
    summary: 'keys that sign the mail of a domain: new, list, use, retire, remove',
    load: async () => (await import('./verbs/dkim.ts')).dkim,
  },
  {
    name: 'clock',
    summary: 'confirm the time after it has jumped',
    load: async () => (await import('./verbs/clock.ts')).clock,
  },
  {
    name: 'status',
    summary: 'how each component does, why, and what waits; acknowledge a page',
    load: async () => (await import('./verbs/status.ts')).status,
  },
  {
    name: 'drill',
    summary: 'replay a failure on a throwaway installation, and see that nothing is lost',
    load: async () => (await import('./verbs/drill.ts')).drill,
  },
  {
    name: 'config',
    summary: 'check the configuration, explain every setting',
    load: async () => (await import('./verbs/config.ts')).config,
  },
  {
    name: 'help',
    summary: 'this page, or how a verb is used',
    load: async () => (await import('./verbs/help.ts')).help,
  },
  {
    name: 'version',
    summary: 'which release this is',
    load: async () => (await import('./verbs/version.ts')).version,
  },
];

/** Verbs that are promised and not there yet. */
export const LATER: readonly string[] = ['upgrade'];
