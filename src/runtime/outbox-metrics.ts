import { Counter, Gauge, type Registry } from 'prom-client';

/** What the outbox does, in numbers. */
export class OutboxMetrics {
  readonly sent: Counter;
  readonly decided: Counter;
  readonly settled: Counter;
  readonly breakerOpen: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.sent = new Counter({
      name: 'tocsin_sms_requests_total',
      help: 'Messages handed to the gateway, by its answer',
      labelNames: ['channel', 'result'],
      registers,
    });
    this.decided = new Counter({
      name: 'tocsin_sms_not_sent_total',
      help: 'Messages suppressed or held when they could have left, by reason',
      labelNames: ['decision', 'reason'],
      registers,
    });
    this.settled = new Counter({
      name: 'tocsin_sms_settled_total',
      help: 'Messages of unknown fate after the gateway was asked, by state',
      labelNames: ['state'],
      registers,
    });
    this.breakerOpen = new Gauge({
      name: 'tocsin_gateway_breaker_open',
      help: '1 while nothing is handed over because the channel’s gateway fails',
      labelNames: ['channel'],
      registers,
    });
  }
}
