/**
 * The shared words. A type enters here only when two rooms use it; each is explained in README.md beside this file.
 * Values, no behaviour beyond their own arithmetic.
 */
export * from './books.ts';
export * from './bounce-class.ts';
export * from './call.ts';
export * from './campaign.ts';
export * from './claim.ts';
export * from './component.ts';
export * from './component-names.ts';
export * from './destination.ts';
export * from './directory.ts';
export * from './faults.ts';
export * from './held-act.ts';
export * from './held-verb.ts';
export * from './incident.ts';
export * from './journal.ts';
export * from './mail.ts';
export * from './mail-address.ts';
export * from './mail-facts.ts';
export * from './mail-id.ts';
export * from './mailbox.ts';
export * from './mention.ts';
export * from './networks.ts';
export * from './random-octets.ts';
export * from './recipient.ts';
export * from './status-view.ts';
export * from './tenant.ts';
export * from './upstream.ts';
export * from './verdict.ts';
