export { type HttpTarget, http } from './client.ts';
