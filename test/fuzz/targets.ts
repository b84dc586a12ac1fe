import { address } from './address.ts';
import { dsn } from './dsn.ts';
import { headers } from './headers.ts';
import { proxy } from './proxy.ts';
import { replies } from './replies.ts';
import { sasl } from './sasl.ts';
import { smtpStepper } from './smtp-stepper.ts';
import type { FuzzTarget } from './target.ts';

/** Every parser that reads what strangers send. */
export const targets: readonly FuzzTarget[] = [smtpStepper, address, replies, headers, dsn, proxy, sasl];
