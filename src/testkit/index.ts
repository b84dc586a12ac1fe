/** What tests stand on: fakes with knobs and a history, scripted peers, fixtures that leave nothing open. Never part of the product. */
export * from './delivery-bench.ts';
export * from './fake-people.ts';
export * from './fake-registry.ts';
export * from './fakes.ts';
export * from './gate-fixture.ts';
export * from './imap-fixture.ts';
export * from './imap-peer.ts';
export * from './mailbox-fixture.ts';
export * from './pop3-fixture.ts';
export * from './pop3-peer.ts';
export * from './queue-bench.ts';
export * from './return-paths.ts';
export * from './scripted-server.ts';
export * from './smtp-peer.ts';
export * from './test-authority.ts';
export * from './test-certificate.ts';
export * from './until.ts';
