/**
 * What changed, never the change itself: pages fetch what they show, with their own rights.
 * `id` is an incident's, a feed's or a queue's, or empty; `at` is network time, ISO 8601.
 */
export interface LiveEvent {
  readonly type: 'incident' | 'messages' | 'forecast' | 'gap' | 'settings' | 'health' | 'tick';
  readonly id: string;
  readonly at: string;
}

/** Where events of one browser tab go. */
export interface LiveSink {
  /** @returns false when the client reads slower than events come */
  write(chunk: string): boolean;
  end(): void;
}

interface Client {
  readonly sink: LiveSink;
  readonly sessionId: string;
}

interface Kept {
  readonly id: string;
  readonly frame: string;
}

/**
 * Fans events out to browsers as server-sent events (WHATWG HTML, 9.2). The last `keep` events
 * stay in memory, so that a client that comes back with Last-Event-ID misses nothing; one that was
 * away for longer, or knew another process, is sent `reset` and fetches everything anew.
 * A client that doesn't keep up is let go: it reconnects and catches up, memory stays flat.
 */
export class LiveHub {
  readonly #clients = new Set<Client>();
  readonly #kept: Kept[] = [];
  readonly #keep: number;
  readonly #maxClients: number;
  readonly #run: string;
  #sequence = 0;

  /** @param run names this process among restarts, so that its ids are never another's */
  constructor(run: string, options: { keep?: number; maxClients?: number } = {}) {
    this.#run = run;
    this.#keep = options.keep ?? 1000;
    this.#maxClients = options.maxClients ?? 500;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Whether the next client has to be turned away. */
  get isFull(): boolean {
    return this.#clients.size >= this.#maxClients;
  }

  /** Tells every browser. Never throws and never waits. */
  publish(event: LiveEvent): void {
    this.#sequence++;
    const id = `${this.#run}-${this.#sequence}`;
    const frame = `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    this.#kept.push({ id, frame });
    if (this.#kept.length > this.#keep) this.#kept.shift();
    this.#send(frame);
  }

  /** Keeps connections open through proxies and moves the pages' clocks. */
  heartbeat(networkNowMs: number): void {
    this.#send(`event: time\ndata: ${JSON.stringify({ now: networkNowMs })}\n\n`);
  }

  /**
   * Adds a client and sends what it missed.
   * @param lastEventId as the browser gives it when it reconnects
   * @returns how to leave
   */
  join(sink: LiveSink, sessionId: string, lastEventId?: string): () => void {
    const client = { sink, sessionId };
    this.#clients.add(client);
    sink.write(`retry: 2000\n${this.#missed(lastEventId)}\n`);
    return () => this.#clients.delete(client);
  }

  /** Ends the feeds of a session that was signed out or has expired. */
  endSession(sessionId: string): void {
    for (const client of this.#clients) if (client.sessionId === sessionId) this.#drop(client);
  }

  /** Ends every feed, for shutdown. */
  close(): void {
    for (const client of this.#clients) this.#drop(client);
  }

  #missed(lastEventId: string | undefined): string {
    const hello = `id: ${this.#run}-${this.#sequence}\nevent: hello\ndata: {}\n`;
    if (lastEventId === undefined || lastEventId === `${this.#run}-${this.#sequence}`) return hello;
    const at = this.#kept.findIndex((each) => each.id === lastEventId);
    if (at < 0) return `id: ${this.#run}-${this.#sequence}\nevent: reset\ndata: {}\n`;
    const frames = this.#kept.slice(at + 1).map((each) => each.frame);
    return frames.join('');
  }

  #send(frame: string): void {
    for (const client of this.#clients) if (!client.sink.write(frame)) this.#drop(client);
  }

  #drop(client: Client): void {
    this.#clients.delete(client);
    client.sink.end();
  }
}
