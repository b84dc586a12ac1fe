/** The detectors of data that must not get about, by the names that rules have for them. */
import { apiKey } from './checks/api-key/index.ts';
import { corporateNumber } from './checks/corporate-number/index.ts';
import { creditCard } from './checks/credit-card/index.ts';
import { iban } from './checks/iban/index.ts';
import { mailList } from './checks/mail-list/index.ts';
import { myNumber } from './checks/my-number/index.ts';
import { passport } from './checks/passport/index.ts';
import { phoneList } from './checks/phone-list/index.ts';

export const DETECTORS = {
  creditCard,
  iban,
  myNumber,
  corporateNumber,
  passport,
  phoneList,
  mailList,
  apiKey,
} as const;
