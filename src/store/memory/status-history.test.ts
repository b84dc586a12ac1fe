import { statusHistoryContract } from '../contract/status-history.ts';
import { openMemoryStatusHistory } from './status-history.ts';

statusHistoryContract('memory', async () => {
  const history = openMemoryStatusHistory();
  return { history, reopen: null, [Symbol.asyncDispose]: () => history[Symbol.asyncDispose]() };
});
