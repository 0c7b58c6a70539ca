import type { IncidentDetail } from '../../../api/schemas.js';
import { send } from '../../api.js';

/** What every act's dialog is given. */
export interface ActProps {
  readonly incident: IncidentDetail;
  /** the act was taken: what to tell whoever did it */
  readonly onDone: (news: string) => void;
  readonly onClose: () => void;
}

/** What an act carries besides its name and reason. */
type Values = Readonly<Record<string, unknown>>;

/** Does something to an incident. @throws ApiError with a sentence to show */
export function act(id: string, action: string, why: string, values: Values = {}): Promise<void> {
  return send('POST', `/api/v1/incidents/${encodeURIComponent(id)}/acts`, {
    action,
    why,
    ...values,
  });
}

/** How it goes on with what was taken. */
export function noted(name: string): string {
  return `“${name}” is noted and takes effect with the next tick; the timeline then says so, or why not.`;
}
