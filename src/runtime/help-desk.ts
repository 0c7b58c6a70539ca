import { contentId } from '../domain/ids.js';
import type { HelpAnswers, InboundSms, OutgoingSms, SendResult } from '../notify/ports.js';
import type { Logger } from './log.js';

export interface HelpDeskOptions {
  readonly answers: HelpAnswers;
  readonly send: (sms: OutgoingSms) => Promise<SendResult>;
  /** the answer in a language; undefined: there is none */
  readonly textOf: (language: string) => string | undefined;
  /** the language that the word they used is of, if of one */
  readonly languageOf: (body: string) => string | undefined;
  readonly log: Logger;
}

const VALID_SECONDS = 3600;

/**
 * Answers subscribers who ask who is writing. One request a turn: an answer that is lost is not sent
 * again, they may ask again.
 */
export class HelpDesk {
  readonly #options: HelpDeskOptions;

  constructor(options: HelpDeskOptions) {
    this.#options = options;
  }

  /** @returns whether they were answered now */
  async answer({ from, body, isAnswered = false }: InboundSms): Promise<boolean> {
    const { answers, send, textOf, languageOf, log } = this.#options;
    if (isAnswered) return false;
    const given = await answers.take(from);
    if (given === undefined) return false;
    const text = textOf(languageOf(body) ?? given.language);
    if (text === undefined) return false;
    const messageId = contentId('hlp', given.turn);
    const result = await send({ messageId, to: from, text, validitySeconds: VALID_SECONDS });
    if (result.status !== 'accepted') log.info({ messageId, ...result }, 'help not accepted');
    return result.status === 'accepted';
  }
}
