import { decisionsContract } from '../contract/decisions.ts';
import { domainKeysContract } from '../contract/domain-keys.ts';
import { endedSessionsContract } from '../contract/ended-sessions.ts';
import { openMemoryDownloads } from './downloads.ts';

endedSessionsContract('memory', async () => {
  const opened = openMemoryDownloads();
  const { sessions } = opened;
  return { sessions, other: async () => sessions, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
});

decisionsContract('memory', async () => {
  const opened = openMemoryDownloads();
  return { decisions: opened.decisions, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
});

domainKeysContract('memory', async () => {
  const opened = openMemoryDownloads();
  return { domainKeys: opened.domainKeys, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
});
