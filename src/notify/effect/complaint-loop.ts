import { wilson } from '../../domain/wilson.js';
import type { ComplaintRules } from './rules.js';

/** What came back of SMS within the window. */
export interface ComplaintCounts {
  /** handed over */
  readonly messages: number;
  readonly optOuts: number;
  /** texts people sent that opt neither out nor in and ask for no help */
  readonly replies: number;
}

/** Whether people mind; `beyond` names what is over its limit. */
export interface ComplaintVerdict {
  readonly status: 'tooFew' | 'fine' | 'beyond';
  readonly reason: string;
}

/** One side, 5 %: a limit counts as exceeded when chance would rarely show so much at the limit. */
const Z = 1.645;

/**
 * Holds opt-outs and replies per 1,000 messages against their limits. A limit is exceeded when the
 * lower end of Wilson's one-sided 95 % interval is beyond it, so that a handful proves nothing.
 */
export function judgeComplaints(counts: ComplaintCounts, rules: ComplaintRules): ComplaintVerdict {
  const { messages, optOuts, replies } = counts;
  if (messages < rules.minMessages) {
    return {
      status: 'tooFew',
      reason: `${messages} messages in ${rules.windowHours} h, fewer than the ${rules.minMessages} that say something`,
    };
  }
  const over = [
    beyond('opt-outs', optOuts, messages, rules.maxOptOutsPer1000),
    beyond('replies', replies, messages, rules.maxRepliesPer1000),
  ].filter((each) => each !== undefined);
  if (over.length > 0) return { status: 'beyond', reason: over.join('; ') };
  return {
    status: 'fine',
    reason: `${per1000(optOuts, messages)} opt-outs and ${per1000(replies, messages)} replies per 1,000 messages`,
  };
}

function beyond(what: string, count: number, messages: number, limit: number): string | undefined {
  // people may reply more often than they were written to
  const [lower] = wilson(Math.min(count, messages), messages, Z);
  if (lower * 1000 <= limit) return undefined;
  return `${per1000(count, messages)} ${what} per 1,000 messages, more than the ${limit} allowed (${count} of ${messages})`;
}

function per1000(count: number, messages: number): string {
  return ((1000 * count) / messages).toFixed(1);
}
