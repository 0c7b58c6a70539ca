const GSM7 =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const GSM7_EXTENSION = '\f^{}\\[~]|€';

const basic = new Set(GSM7);
const extension = new Set(GSM7_EXTENSION);

/**
 * SMS segments of a text as a carrier counts them (3GPP TS 23.038 and 23.040): 160 or 153 GSM-7
 * septets, 70 or 67 UCS-2 units. The gateway's own count, apart from the product's, so that it can
 * judge. @returns at least 1
 */
export function countSegments(body: string): number {
  let septets = 0;
  for (const character of body) {
    if (basic.has(character)) septets += 1;
    else if (extension.has(character)) septets += 2;
    else return body.length <= 70 ? 1 : Math.ceil(body.length / 67);
  }
  return septets <= 160 ? 1 : Math.ceil(septets / 153);
}
