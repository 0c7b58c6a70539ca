/** How the gateway misbehaves; rates in [0,1], each drawn per request, message or callback. */
export interface GatewayFaults {
  /** the connection is cut before the message is taken: nothing will be sent */
  dropBeforeRate: number;
  /** the message is taken and will be sent, the connection is cut before the answer */
  dropAfterRate: number;
  /** 500 and nothing taken */
  serverErrorRate: number;
  /** the message is taken, the answer is 502 as from a proxy that gave up */
  errorAfterRate: number;
  /** 429 with code 20429 and Retry-After */
  rateLimitRate: number;
  retryAfterSeconds: number;
  /** answers come this much later; taken at once */
  answerDelayMs: number;
  /** share of numbers' deliveries that end undelivered with 30005, whatever the coverage */
  unknownNumberRate: number;
  callbackLossRate: number;
  callbackDoubleRate: number;
  /** share of callbacks that are held back up to `callbackHoldMs`, hence out of order */
  callbackHoldRate: number;
  callbackHoldMs: number;
}

/** A gateway that does as it should. */
export const NO_FAULTS: Readonly<GatewayFaults> = {
  dropBeforeRate: 0,
  dropAfterRate: 0,
  serverErrorRate: 0,
  errorAfterRate: 0,
  rateLimitRate: 0,
  retryAfterSeconds: 1,
  answerDelayMs: 0,
  unknownNumberRate: 0,
  callbackLossRate: 0,
  callbackDoubleRate: 0,
  callbackHoldRate: 0,
  callbackHoldMs: 5_000,
};
