/** What the suites of the store share with tests of whole clusters: mails, people, claims and outcomes. */
export * from './samples.ts';
