import { useEffect, useState } from 'preact/hooks';

interface Reading {
  readonly networkMs: number;
  readonly wallMs: number;
  readonly speed: number;
}

let reading: Reading = { networkMs: Date.now(), wallMs: Date.now(), speed: 1 };

/** Takes the server's network time; between two readings it runs on at `speed`. */
export function setNetworkTime(networkMs: number, speed = reading.speed): void {
  reading = { networkMs, wallMs: Date.now(), speed };
}

/** Network time now, epoch ms: what "ago" is reckoned from. */
export function networkNow(): number {
  return reading.networkMs + (Date.now() - reading.wallMs) * reading.speed;
}

/** Network time, rendered again every `everyMs` of it, at most once a second. */
export function useNow(everyMs = 5000): number {
  const [now, setNow] = useState(networkNow());
  useEffect(() => {
    const wallMs = Math.max(1000, everyMs / reading.speed);
    const timer = setInterval(() => setNow(networkNow()), wallMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
