/** What engines ask of the world. A port is as large as an intention, promise-shaped, and its comments are the contract. */
export * from './backup.ts';
export * from './blobs.ts';
export * from './clock.ts';
export * from './custody.ts';
export * from './dialer.ts';
export * from './directory.ts';
export * from './intake.ts';
export * from './journal.ts';
export * from './log.ts';
export * from './mailboxes.ts';
export * from './meter.ts';
export * from './operation.ts';
export * from './registry.ts';
export * from './resolver.ts';
export * from './routing.ts';
export * from './sign-in.ts';
export * from './work.ts';
