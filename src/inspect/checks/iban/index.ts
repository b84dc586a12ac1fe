/** The check of bank accounts: IBANs whose country, length and check digits fit (H1). */
export { iban } from './check.ts';
