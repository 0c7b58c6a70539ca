/**
 * A mark of 16 bits that a message carries through gateways which give back no id of ours (SMPP's
 * user_message_reference). With the number it names a message: FNV-1a, 32 bits, folded (Fowler, Noll
 * and Vo, RFC 9923). @returns 0 to 65535
 */
export function messageMark(messageId: string): number {
  let hash = 0x811c9dc5;
  for (const character of messageId) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return ((hash >>> 16) ^ hash) & 0xffff;
}
