/** Failed before a byte of the request was out: Node.js system errors, undici's and TLS'. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
]);

/** Whether a request with that error surely never reached anybody. @param code of `errorCodeOf` */
export function isNeverSent(code: string | undefined): boolean {
  return code !== undefined && NEVER_SENT.has(code);
}

/** The code of an error or of what caused it. */
export function errorCodeOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const code = (each as { code?: unknown }).code;
    if (typeof code === 'string') return code;
    if (each instanceof AggregateError && each.errors.length > 0) {
      return errorCodeOf(each.errors[0]);
    }
  }
  return undefined;
}
