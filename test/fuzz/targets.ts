import { address } from './address.ts';
import { dkim } from './dkim.ts';
import { documents } from './documents.ts';
import { dsn } from './dsn.ts';
import { extract } from './extract.ts';
import { localFrames } from './frames.ts';
import { headers } from './headers.ts';
import { imapStepper } from './imap-stepper.ts';
import { mailFiles } from './mail-files.ts';
import { message } from './message.ts';
import { pdf } from './pdf.ts';
import { pop3Stepper } from './pop3-stepper.ts';
import { proxy } from './proxy.ts';
import { query } from './query.ts';
import { replies } from './replies.ts';
import { resources } from './resources.ts';
import { s3 } from './s3.ts';
import { sasl } from './sasl.ts';
import { secrets } from './secrets.ts';
import { settings } from './settings.ts';
import { smtpStepper } from './smtp-stepper.ts';
import type { FuzzTarget } from './target.ts';
import { words } from './words.ts';
import { xclient } from './xclient.ts';

/** Every parser that reads what others send or write: first peers, then other programs, then people's files. */
export const targets: readonly FuzzTarget[] = [
  smtpStepper,
  imapStepper,
  address,
  replies,
  headers,
  message,
  extract,
  documents,
  pdf,
  mailFiles,
  dsn,
  dkim,
  pop3Stepper,
  proxy,
  xclient,
  sasl,
  s3,
  localFrames,
  secrets,
  settings,
  resources,
  query,
  words,
];
