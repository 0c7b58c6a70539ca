import type { DailyQuota } from '../../src/crm/ports.js';

/** A quota kept in memory. */
export class MemoryQuota implements DailyQuota {
  used = 0;

  async take(_connector: string, wanted: number, perDay: number): Promise<number> {
    const granted = Math.max(0, Math.min(wanted, perDay - this.used));
    this.used += granted;
    return granted;
  }
}
