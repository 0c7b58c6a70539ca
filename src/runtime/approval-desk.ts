import { messageOf } from '../domain/errors.js';
import type { ApprovalRequest, ApprovalStep, OnCallContact } from '../notify/approval.js';
import type { Health } from './health.js';
import type { Logger } from './log.js';
import { Loop, type Turn } from './loop.js';

/** The durable side of asking; see `ApprovalQueue`. */
interface Approvals {
  step(): Promise<
    | (Omit<ApprovalRequest, 'requestId' | 'url' | 'answerBy'> & { readonly step: ApprovalStep })
    | undefined
  >;
  unreached(waveId: string, contact: string, why: string): Promise<void>;
}

export interface ApprovalDeskOptions {
  readonly approvals: Approvals;
  readonly contacts: readonly OnCallContact[];
  /** address of the dashboard */
  readonly publicUrl: string;
  /** wall time, epoch ms */
  readonly now: () => number;
  /** told of an incident whose wave has moved */
  readonly moved: (incidentId: string) => void;
  readonly health: Health;
  readonly log: Logger;
}

const IDLE_MS = 1000;

/** Asks the people on call about waves that do not go by themselves, one after the other. */
export class ApprovalDesk {
  readonly #options: ApprovalDeskOptions;
  readonly #loop: Loop;

  constructor(options: ApprovalDeskOptions) {
    this.#options = options;
    const { health, log } = options;
    this.#loop = new Loop({
      name: 'approvals',
      idleMs: IDLE_MS,
      turn: () => this.turn(),
      health,
      log,
    });
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** One step for one wave. */
  async turn(): Promise<Turn> {
    const { approvals, contacts, moved } = this.#options;
    const wave = await approvals.step();
    if (!wave) return 'idle';
    const { step, ...about } = wave;
    const contact = step.action === 'ask' ? contacts[step.contact] : undefined;
    if (step.action === 'ask' && contact) await this.#ask(contact, about, step);
    moved(wave.incidentId);
    return 'busy';
  }

  async #ask(
    contact: OnCallContact,
    about: Omit<ApprovalRequest, 'requestId' | 'url' | 'answerBy'>,
    step: Extract<ApprovalStep, { action: 'ask' }>,
  ): Promise<void> {
    const { publicUrl, now, approvals, log } = this.#options;
    try {
      await contact.ask({
        ...about,
        requestId: `${about.waveId}-${step.contact + 1}`,
        url: `${publicUrl.replace(/\/$/, '')}${pageOf(about)}`,
        answerBy: new Date(now() + step.waitMs).toISOString(),
      });
    } catch (error) {
      log.warn({ contact: contact.name, why: messageOf(error) }, 'on call: not reached');
      await approvals.unreached(about.waveId, contact.name, messageOf(error));
    }
  }
}

function pageOf({ kind, incidentId }: Pick<ApprovalRequest, 'kind' | 'incidentId'>): string {
  return kind === 'works' ? '/works' : `/incidents/${encodeURIComponent(incidentId)}`;
}
