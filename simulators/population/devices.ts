import type { Random } from '../random.js';
import type { Layer } from '../world/types.js';

/** Layers as bits of what a device can use. A small cell is on the 1,800 MHz carrier. */
const BITS: Readonly<Record<Layer, number>> = { L800: 1, L1800: 2, L2600: 4, small: 2 };
const EVERY = 7;

/** What devices can use, with the share of phones and of machines that are such. */
const DEVICES = [
  { mask: EVERY, phones: 0.86, machines: 0.3 },
  { mask: 3, phones: 0.06, machines: 0.2 },
  { mask: 6, phones: 0.05, machines: 0 },
  { mask: 2, phones: 0.02, machines: 0 },
  { mask: 1, phones: 0.01, machines: 0.5 },
] as const;

/** Share of devices of which the operator does not know what they can use. */
const UNKNOWN = 0.1;

/** Whether a device can use a layer. */
export function canUse(mask: number, layer: Layer): boolean {
  return (mask & BITS[layer]) !== 0;
}

/** Draws what a device can use. */
export function drawDevice(isMachine: boolean, random: Random): number {
  let draw = random.next();
  for (const { mask, phones, machines } of DEVICES) {
    draw -= isMachine ? machines : phones;
    if (draw < 0) return mask;
  }
  return EVERY;
}

/** Whether the operator knows the device: the same ones always. @param hash of the subscriber */
export function isDeviceKnown(hash: number): boolean {
  return hash >= UNKNOWN * 4294967296;
}

/** A layer as cells.csv spells it. */
export function technologyOf(layer: Layer): string {
  return layer === 'small' ? 'LTE small' : `LTE${layer.slice(1)}`;
}

const LAYERS: readonly Layer[] = ['L800', 'L1800', 'L2600', 'small'];

/** What a device can use as subscribers.csv spells it. */
export function technologiesOf(mask: number): string {
  return LAYERS.filter((layer) => canUse(mask, layer))
    .map(technologyOf)
    .join('|');
}
