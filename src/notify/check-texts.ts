import type { PolicyComplaint } from './check-policy.js';
import type { MessageFile } from './message-file.js';
import type { NotificationPolicy } from './policy.js';
import type { SenderKind } from './policy-channels.js';
import { TextError } from './text-facts.js';
import { Texts } from './texts.js';

/** What is wrong with the texts of a file, and where it stands; the first thing of it. */
export function checkTexts(
  file: MessageFile,
  policy: NotificationPolicy,
  smsSender?: SenderKind,
): PolicyComplaint[] {
  const texts = { ...policy.texts, defaultLanguage: file.language };
  try {
    new Texts([file], { ...policy, texts }, smsSender);
    return [];
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    return [{ path: error.key.split('.'), message: error.why }];
  }
}
