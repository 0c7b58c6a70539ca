import { TocsinError } from '../../domain/errors.js';
import type { Fact } from '../../domain/facts.js';
import { decodeBlock, encodeBlock } from './block-codec.js';

/** Bytes of a fact: a report block in its own packing, everything else as JSON. */
export function encodeFact(fact: Fact): Buffer {
  if (fact.kind === 'reports') return encodeBlock(fact.block);
  return Buffer.from(JSON.stringify(fact.kind === 'tick' ? fact.nowMs : fact.items));
}

/** @throws TocsinError `internal` for a kind this version does not know */
export function decodeFact(kind: string, payload: Buffer): Fact {
  switch (kind) {
    case 'reports':
      return { kind, block: decodeBlock(payload) };
    case 'tick':
      return { kind, nowMs: JSON.parse(payload.toString()) as number };
    case 'alarms':
    case 'presence':
    case 'calls':
    case 'singleCalls':
    case 'counts':
    case 'pastCounts':
    case 'acts':
    case 'tickets':
    case 'pastIncidents':
    case 'network':
    case 'callHistory':
      return { kind, items: JSON.parse(payload.toString()) } as Fact;
    default:
      throw new TocsinError('internal', `the journal holds a fact of unknown kind ${kind}`);
  }
}
