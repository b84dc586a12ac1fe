/**
 * The keepers of the store's ports. Engines never see this room: roles open a keeper and hand it on as the port it keeps.
 * `memory` is the model, `sqlite` the embedded store; `contract` holds the one suite that every keeper passes.
 */
export * from './audit-chain.ts';
export * from './durable-folder.ts';
export * from './files/index.ts';
export * from './keys/index.ts';
export * from './memory/index.ts';
export * from './remote/index.ts';
export * from './sqlite/index.ts';
