import { registryContract } from '../contract/registry.ts';
import { openMemoryRegistry } from './registry.ts';

registryContract('memory', async () => ({
  registry: openMemoryRegistry(),
  reopen: null,
  [Symbol.asyncDispose]: async () => {},
}));
