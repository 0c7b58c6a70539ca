import type { Started } from '../commands/start.js';
import { TocsinError } from '../domain/errors.js';

export async function runConfigured(config: string): Promise<Started> {
  throw new TocsinError('input.config', config);
}
