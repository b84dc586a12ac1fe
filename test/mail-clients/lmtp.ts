/** Hands one mail to a server by LMTP (RFC 2033). */
import { createTransport } from 'nodemailer';

const DEADLINE_MS = 20_000;

/** Resolves when the server has taken it for the one recipient. */
export async function byLmtp(port: number, to: string, mail: string | Buffer): Promise<void> {
  const waits = { connectionTimeout: DEADLINE_MS, greetingTimeout: DEADLINE_MS, socketTimeout: DEADLINE_MS };
  const transport = createTransport({ host: '127.0.0.1', port, lmtp: true, ignoreTLS: true, ...waits });
  try {
    const { rejected, response } = await transport.sendMail({
      envelope: { from: 'alice@partner.test', to: [to] },
      raw: mail,
    });
    if (rejected.length > 0) throw new Error(`LMTP refused ${rejected.join(', ')}: ${response}`);
  } finally {
    transport.close();
  }
}
