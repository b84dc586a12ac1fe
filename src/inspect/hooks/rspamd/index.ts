export { rspamd } from './client.ts';
