declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Server as NetServer, Socket } from 'node:net';

  /** A protocol data unit; fields by the names of the specification. */
  class Pdu {
    constructor(command: string, fields?: object);
    readonly command: string;
    readonly command_status: number;
    readonly sequence_number: number;
    isResponse(): boolean;
    response(fields?: object): Pdu;
    readonly [field: string]: unknown;
  }

  /** `send` says false when the socket is gone; then no response is ever told. */
  interface Session extends EventEmitter {
    readonly socket: Socket;
    send(pdu: Pdu, onResponse?: (response: Pdu) => void): boolean;
    close(done?: () => void): void;
    destroy(done?: () => void): void;
  }

  const smpp: {
    readonly PDU: typeof Pdu;
    connect(options: object, onConnected: () => void): Session;
    createServer(options: object, onSession: (session: Session) => void): NetServer;
    readonly errors: Readonly<Record<string, number>>;
  };
  export default smpp;
  export type { Pdu, Session };
}
