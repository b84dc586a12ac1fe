export { milter } from './client.ts';
