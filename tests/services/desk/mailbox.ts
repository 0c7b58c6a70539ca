import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as it came over the wire. */
export interface CaughtMail {
  readonly to: readonly string[];
  readonly raw: string;
  header(name: string): string | undefined;
}

/** An SMTP server that keeps what it takes. `answer` may refuse a mail: its number and text. */
export class Mailbox {
  readonly mails: CaughtMail[] = [];
  answer: { readonly code: number; readonly text: string } | undefined;
  readonly #server: SMTPServer;

  /** @param account the only one that is let in; absent: everybody is */
  constructor(account?: { readonly user: string; readonly password: string }) {
    this.#server = new SMTPServer({
      authOptional: account === undefined,
      disabledCommands: account === undefined ? ['STARTTLS', 'AUTH'] : ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        const isKnown = username === account?.user && password === account?.password;
        done(
          isKnown ? null : new Error('unknown account'),
          isKnown ? { user: username } : undefined,
        );
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const refusal = this.answer;
          if (refusal === undefined) {
            this.#keep(Buffer.concat(chunks).toString('utf8'), session.envelope.rcptTo);
            done();
          } else done(Object.assign(new Error(refusal.text), { responseCode: refusal.code }));
        });
      },
    });
    this.#server.on('error', () => undefined);
  }

  async start(port = 0): Promise<number> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server.server, 'listening');
    return (this.#server.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #keep(raw: string, recipients: readonly { readonly address: string }[]): void {
    const head = raw.split(/\r?\n\r?\n/)[0] ?? '';
    const lines = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
    this.mails.push({
      to: recipients.map(({ address }) => address),
      raw,
      header: (name) => {
        const line = lines.find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`));
        return line?.slice(name.length + 1).trim();
      },
    });
  }
}
