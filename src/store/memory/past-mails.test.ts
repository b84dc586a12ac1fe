import { pastMailsContract } from '../contract/past-mails.ts';
import { openMemoryPastMails } from './past-mails.ts';

pastMailsContract('memory', async () => {
  const past = openMemoryPastMails();
  return { past, reopen: null, [Symbol.asyncDispose]: () => past[Symbol.asyncDispose]() };
});
