/** A record as text for a dead letter; whole numbers of Avro beyond a double's reach included. */
export function rawJson(record: unknown): string {
  const text = JSON.stringify(record, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return text ?? String(record);
}
