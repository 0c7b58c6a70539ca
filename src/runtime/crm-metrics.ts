import { Counter, Gauge, type Registry } from 'prom-client';

/** What CRM connectors do, in numbers; one set for all of them. */
export class CrmMetrics {
  readonly lagSeconds: Gauge;
  readonly pending: Gauge;
  readonly pushed: Counter;
  readonly refused: Counter;
  readonly refusedNow: Gauge;

  constructor(registry: Registry) {
    const shape = { labelNames: ['connector'], registers: [registry] };
    this.lagSeconds = new Gauge({
      ...shape,
      name: 'tocsin_crm_lag_seconds',
      help: 'How long the oldest flag that is not pushed yet has waited',
    });
    this.pending = new Gauge({
      ...shape,
      name: 'tocsin_crm_flags_pending',
      help: 'Flags not pushed yet',
    });
    this.pushed = new Counter({
      ...shape,
      name: 'tocsin_crm_pushed_total',
      help: 'Flags written or cleared',
    });
    this.refusedNow = new Gauge({
      ...shape,
      name: 'tocsin_crm_flags_refused',
      help: 'Flags that the CRM lacks because it refused them for good',
    });
    this.refused = new Counter({
      ...shape,
      name: 'tocsin_crm_refused_total',
      help: 'Flags that the CRM refused for good',
    });
  }
}
