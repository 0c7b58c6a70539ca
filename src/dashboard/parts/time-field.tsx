/** `2026-03-10T14:20` in the browser's zone, as an input of type datetime-local wants it. */
export function inputTime(ms: number): string {
  const zone = new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - zone).toISOString().slice(0, 16);
}

/** What such an input holds, ISO 8601 in UTC; undefined when it is empty or half typed. */
export function isoTime(input: string): string | undefined {
  const ms = new Date(input).getTime();
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

interface Props {
  readonly name: string;
  /** as `inputTime` gives it */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Asks for a moment, in the browser's time zone. */
export function TimeField({ name, value, onChange }: Props) {
  return (
    <label>
      {name}
      <input
        type="datetime-local"
        required
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}
