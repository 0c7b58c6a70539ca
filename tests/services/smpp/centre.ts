import type { AddressInfo } from 'node:net';
import smpp, { type Pdu, type Session } from 'smpp';

/** One message the centre took: the judge of "nobody is told twice". */
export interface TakenMessage {
  readonly id: string;
  readonly to: string;
  readonly from: string;
  readonly text: string;
  readonly parts: number;
  readonly fields: Pdu;
}

/** How it misbehaves with submit_sm; may be changed at any time. */
export interface CentreFaults {
  /** statuses to answer the next ones with; 0 takes */
  statuses: number[];
  /** the connection is cut before or after it is taken, or the answer never comes */
  fault: 'none' | 'dropBefore' | 'dropAfter' | 'silent';
  answersEnquiries: boolean;
  /** as `state` of query_sm; undefined: it does not know the command */
  queryState: number | undefined;
}

export interface SmppCentre {
  readonly port: number;
  readonly faults: CentreFaults;
  /** messages whose last part was taken, in order */
  taken(): readonly TakenMessage[];
  /** names of the binds that were accepted, in order */
  binds(): readonly string[];
  /** answers held back by `silent` are sent */
  answerLate(): void;
  /** most submit_sm that were waiting for an answer at once */
  mostAtOnce(): number;
  /** a deliver_sm over a bound link that receives. @returns the status it was answered with */
  deliver(fields: object): Promise<number>;
  stop(): Promise<void>;
}

export interface CentreOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly answerAfterMs?: number;
}

export const CENTRE_ACCOUNT = { systemId: 'tocsin', password: 'secret' } as const;

/** An SMS centre of npm's smpp that can be told to fail, on a free loopback port. */
export async function startCentre(options: CentreOptions = {}): Promise<SmppCentre> {
  const centre = new Centre(options);
  const server = smpp.createServer(options.tls ?? {}, (session) => centre.serve(session));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    faults: centre.faults,
    taken: () => centre.taken,
    binds: () => centre.binds,
    answerLate: () => centre.answerLate(),
    mostAtOnce: () => centre.mostAtOnce,
    deliver: (fields) => centre.deliver(fields),
    stop: async () => {
      centre.stop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Centre {
  readonly taken: TakenMessage[] = [];
  readonly binds: string[] = [];
  readonly faults: CentreFaults = {
    statuses: [],
    fault: 'none',
    answersEnquiries: true,
    queryState: 2,
  };
  mostAtOnce = 0;
  #atOnce = 0;
  #lastId = 0x9f;
  readonly #options: CentreOptions;
  readonly #parts = new Map<string, string[]>();
  readonly #sessions = new Set<Session>();
  readonly #receivers = new Set<Session>();
  readonly #held: (() => void)[] = [];

  constructor(options: CentreOptions) {
    this.#options = options;
  }

  serve(session: Session): void {
    this.#sessions.add(session);
    session.socket.setNoDelay(true);
    session.on('error', () => session.destroy());
    session.on('close', () => {
      this.#sessions.delete(session);
      this.#receivers.delete(session);
    });
    session.on('pdu', (pdu: Pdu) => {
      if (pdu.isResponse()) return;
      if (pdu.command.startsWith('bind_')) this.#bind(session, pdu);
      else if (pdu.command === 'submit_sm') this.#submit(session, pdu);
      else if (pdu.command === 'query_sm') this.#query(session, pdu);
      else if (pdu.command === 'enquire_link' && !this.faults.answersEnquiries) return;
      else session.send(pdu.response());
    });
  }

  answerLate(): void {
    for (const answer of this.#held.splice(0)) answer();
  }

  async deliver(fields: object): Promise<number> {
    const [session] = this.#receivers;
    if (session === undefined) throw new Error('nobody is bound to receive');
    return new Promise((resolve) => {
      session.send(new smpp.PDU('deliver_sm', fields), (answer) => resolve(answer.command_status));
    });
  }

  stop(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #bind(session: Session, pdu: Pdu): void {
    const isKnown =
      pdu.system_id === CENTRE_ACCOUNT.systemId && pdu.password === CENTRE_ACCOUNT.password;
    if (!isKnown) return void session.send(pdu.response({ command_status: 0x0e }));
    this.binds.push(pdu.command);
    if (pdu.command !== 'bind_transmitter') this.#receivers.add(session);
    session.send(pdu.response({ system_id: 'centre' }));
  }

  #submit(session: Session, pdu: Pdu): void {
    const { fault, statuses } = this.faults;
    if (fault === 'dropBefore') return void session.destroy();
    const status = statuses.shift() ?? 0;
    if (status !== 0) return void session.send(pdu.response({ command_status: status }));
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    const id = (++this.#lastId).toString(16).toUpperCase().padStart(8, '0');
    this.#take(id, pdu);
    if (fault === 'dropAfter') return void session.destroy();
    const answer = (): void => {
      this.#atOnce--;
      session.send(pdu.response({ message_id: id }));
    };
    if (fault === 'silent') this.#held.push(answer);
    else if (this.#options.answerAfterMs === undefined) answer();
    else setTimeout(answer, this.#options.answerAfterMs);
  }

  #take(id: string, pdu: Pdu): void {
    const { number, total, reference } = partOf(pdu);
    const key = `${pdu.destination_addr}/${reference}`;
    const parts = this.#parts.get(key) ?? [];
    parts[number - 1] = textOf(pdu);
    this.#parts.set(key, parts);
    if (number < total) return;
    this.#parts.delete(key);
    this.taken.push({
      id,
      to: String(pdu.destination_addr),
      from: String(pdu.source_addr),
      text: parts.join(''),
      parts: total,
      fields: pdu,
    });
  }

  #query(session: Session, pdu: Pdu): void {
    const { queryState } = this.faults;
    const isKnown = this.taken.some(({ id }) => sameId(id, String(pdu.message_id)));
    if (queryState === undefined) session.send(pdu.response({ command_status: 0x03 }));
    else if (!isKnown) session.send(pdu.response({ command_status: 0x67 }));
    else {
      const { message_id } = pdu;
      session.send(pdu.response({ message_id, final_date: '', message_state: queryState }));
    }
  }
}

function sameId(a: string, b: string): boolean {
  return a.replace(/^0+/, '').toLowerCase() === b.replace(/^0+/, '').toLowerCase();
}

function partOf(pdu: Pdu): { number: number; total: number; reference: number } {
  const { udh } = pdu.short_message as { udh?: Buffer[] };
  const header = udh?.[0];
  if (header !== undefined) {
    return { reference: header[2] ?? 0, total: header[3] ?? 1, number: header[4] ?? 1 };
  }
  const total = Number(pdu.sar_total_segments ?? 1);
  const number = Number(pdu.sar_segment_seqnum ?? 1);
  return { reference: Number(pdu.sar_msg_ref_num ?? 0), total, number };
}

function textOf(pdu: Pdu): string {
  const { message } = (pdu.message_payload ?? pdu.short_message) as { message: Buffer | string };
  return String(message);
}
