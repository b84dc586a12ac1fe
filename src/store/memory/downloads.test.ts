import { downloadsContract } from '../contract/downloads.ts';
import { openMemoryDownloads } from './downloads.ts';

downloadsContract('memory', async () => {
  const downloads = openMemoryDownloads();
  return { downloads, reopen: null, [Symbol.asyncDispose]: () => downloads[Symbol.asyncDispose]() };
});
