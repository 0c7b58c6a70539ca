import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A port of one's own before a server, which can be shut and opened, or left hanging. */
export class Door {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  private constructor(target: URL) {
    this.#target = target;
  }

  /** Takes a free port; nothing answers there until `open`. */
  static async before(url: string): Promise<Door> {
    const door = new Door(new URL(url));
    await door.open();
    await door.shut();
    return door;
  }

  /** The server's address through this door. */
  get url(): string {
    const own = new URL(this.#target);
    own.hostname = '127.0.0.1';
    own.port = String(this.#port);
    return own.href;
  }

  async open(): Promise<void> {
    const server = createServer((socket) => this.#pass(socket));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Breaks every connection and refuses new ones. */
  async shut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (!server) return;
    server.close();
    await once(server, 'close');
  }

  /** From now on nothing passes, though connections stay: a server that hangs. */
  hang(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  #pass(socket: Socket): void {
    const other = connect(Number(this.#target.port || 5432), this.#target.hostname);
    for (const [one, two] of [
      [socket, other],
      [other, socket],
    ] as const) {
      this.#sockets.add(one);
      one.pipe(two);
      one.on('error', () => two.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        two.destroy();
      });
    }
  }
}
