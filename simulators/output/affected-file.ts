import type { AffectedSpell } from '../population/affected.js';
import { imsiOf } from '../population/identities.js';
import { isoSeconds } from '../telemetry/sinks.js';
import type { World } from '../world.js';
import { csvLine } from './write-lines.js';

/** Head of affected.csv: who truly lost what; shares lost of each service are in [0,1]. */
export const AFFECTED_HEADER =
  'incident_id,subscriber,cell_id,service,voice_lost,data_lost,sms_lost,started_at,ended_at\n';

/** One spell as a line of affected.csv. */
export function affectedLine(world: World, spell: AffectedSpell): string {
  const { incidentId, subscriber, cell, service, lost, fromMs, toMs } = spell;
  const shares = [lost.voice, lost.data, lost.sms].map((share) => Math.round(share * 1000) / 1000);
  const cellId = world.network.cells[cell]?.cellId;
  const times = [isoSeconds(fromMs), isoSeconds(toMs)];
  return csvLine([incidentId, imsiOf(subscriber), cellId, service, ...shares, ...times]);
}
