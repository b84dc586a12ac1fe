/** The check of keys and passwords of programs (H1): what opens a company's systems to whoever reads it. */
export { apiKey } from './check.ts';
