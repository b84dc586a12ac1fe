export { clamd } from './client.ts';
