import { IntlMessageFormat } from 'intl-messageformat';
import { DateTime } from 'luxon';
import type { Channel, NotificationKind } from '../domain/customer.js';
import { messageOf, TocsinError } from '../domain/errors.js';
import { LOSS_WORDS } from '../domain/services.js';
import { fitted, replyWordIn, senderOf, templateOf, titleOf, unfit } from './channel-text.js';
import { estimateToSay, isBandSaid } from './estimate.js';
import type { MessageFile } from './message-file.js';
import { ReplyWords } from './opt-out-words.js';
import type { NotificationPolicy } from './policy.js';
import type { SenderKind } from './policy-channels.js';
import { isKnownZone } from './quiet-hours.js';
import {
  type AgentFacts,
  type AgentSight,
  type AgentWorks,
  type RenderedSms,
  type SmsFacts,
  TextError,
} from './text-facts.js';
import { SAMPLE, sampleFacts, sampleOf } from './text-samples.js';

type Values = Record<string, string | number>;

const REASONS = [
  'seen',
  'usual',
  'home',
  'around',
  'none',
  'unseen',
  'notAffected',
  'stillDown',
] as const;
const MAX_CACHED = 2000;
const MAX_PLACE = 40;

/** All texts Tocsin says to customers and agents, in every language there is a file for. */
export class Texts {
  readonly #files: ReadonlyMap<string, MessageFile>;
  readonly #policy: NotificationPolicy;
  readonly #formats = new Map<string, IntlMessageFormat>();
  readonly #rendered = new Map<string, RenderedSms>();
  readonly #smsSender: SenderKind;
  /** what subscribers' replies are known by */
  readonly replies: ReplyWords;

  /**
   * Compiles and tries every text.
   * @param smsSender what SMS are sent from; it decides how they say to opt out
   * @throws TocsinError `input.rules` naming language and text: bad ICU syntax, an unknown
   * placeholder, a text longer than the policy allows or that asks for a reply to a name, a missing
   * default language
   */
  constructor(
    files: readonly MessageFile[],
    policy: NotificationPolicy,
    smsSender: SenderKind = 'shortCode',
  ) {
    this.#files = new Map(files.map((file) => [file.language, file]));
    this.#policy = policy;
    this.#smsSender = smsSender;
    this.replies = new ReplyWords(files);
    if (!this.#files.has(policy.texts.defaultLanguage)) {
      throw new TocsinError(
        'input.rules',
        `no messages file for texts.defaultLanguage "${policy.texts.defaultLanguage}"; there are: ${[...this.#files.keys()].join(', ')}`,
      );
    }
    for (const file of files) this.#check(file);
  }

  get languages(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** The file for a person: their language, without its region, its fallbacks, the default. */
  fileFor(language: string): MessageFile {
    const { fallback, defaultLanguage } = this.#policy.texts;
    const bare = language.split('-')[0] ?? language;
    const chain = [
      language,
      bare,
      ...(fallback[language] ?? []),
      ...(fallback[bare] ?? []),
      defaultLanguage,
    ];
    for (const each of chain) {
      const file = this.#files.get(each);
      if (file) return file;
    }
    throw new TocsinError('input.rules', `no messages file for "${defaultLanguage}"`);
  }

  /** One message and its size. The same facts in the same minute give the same text. */
  sms(facts: SmsFacts, nowMs: number): RenderedSms {
    const key = `${Math.floor(nowMs / 60_000)}\n${Object.values(facts).join('\n')}`;
    const known = this.#rendered.get(key);
    if (known) return known;
    const rendered = this.#render(facts, nowMs);
    if (this.#rendered.size >= MAX_CACHED) this.#rendered.clear();
    this.#rendered.set(key, rendered);
    return rendered;
  }

  /** A place whose name makes the text longer than allowed is left out: what was tried is shorter. */
  #render(facts: SmsFacts, nowMs: number): RenderedSms {
    const whole = this.#renderWhole(facts, nowMs);
    const isTooLong = unfit(whole, facts.channel ?? 'sms', this.#policy) !== undefined;
    return isTooLong ? this.#renderWhole({ ...facts, place: '' }, nowMs) : whole;
  }

  #renderWhole(facts: SmsFacts, nowMs: number): RenderedSms {
    const file = this.fileFor(facts.language);
    const { channel = 'sms' } = facts;
    const values = this.#smsValues(file, facts, nowMs);
    const { key, message } = templateOf(file, channel, nameOf(facts));
    const title = titleOf(file, channel);
    return {
      ...fitted(this.#format(file, key, message, values), channel, this.#policy),
      title: title === undefined ? null : this.#format(file, title.key, title.message, values),
      language: file.language,
    };
  }

  /** What is answered to somebody who asks who is writing; undefined where no file has an answer. */
  helpText(language: string): string | undefined {
    const { brand, defaultLanguage } = this.#policy.texts;
    const others = [this.fileFor(language), this.fileFor(defaultLanguage), ...this.#files.values()];
    const file = others.find(({ replies }) => replies !== undefined);
    if (file?.replies === undefined) return undefined;
    const values = { brand: plain(brand), optOut: this.#optOut('sms') };
    const raw = this.#format(file, 'replies.helpText', file.replies.helpText, values);
    return fitted(raw, 'sms', this.#policy).text;
  }

  #optOut(channel: Channel): string {
    return this.#policy.texts.optOut[senderOf(channel, this.#smsSender)];
  }

  /** Segments that a text of a kind usually takes in a language. */
  segmentsOf(kind: NotificationKind, language: string): number {
    const facts = { kind, language, service: 'none', reach: 'now', audience: 'person' } as const;
    return this.sms(sampleOf(facts), SAMPLE.startedAtMs).size.segments;
  }

  /** What an agent can say to someone who is or may be affected. */
  agentSentence(facts: AgentFacts, nowMs: number): string {
    const file = this.fileFor(facts.language);
    return this.#format(file, 'agent.affected', file.agent.affected, {
      certainty: facts.certainty,
      service: facts.service,
      told: facts.told ? 'yes' : 'no',
      place: facts.place === '' ? 'none' : facts.place,
      since: this.#clock(file, facts.startedAtMs, facts.zone, nowMs),
      until: this.#estimate(file, facts, nowMs),
    });
  }

  /** What an agent can say to someone of whom no incident is known. */
  noIncidentSentence(language: string): string {
    const file = this.fileFor(language);
    return this.#format(file, 'agent.notAffected', file.agent.notAffected, {});
  }

  /** What an agent says to someone for whom it still does not work although the incident is over. */
  stillDownSentence(language: string): string {
    const file = this.fileFor(language);
    return this.#format(file, 'agent.stillDown', file.agent.stillDown, {});
  }

  /** What an agent says of planned work at their place. */
  worksSentence({ language, zone, ...work }: AgentWorks, nowMs: number): string {
    const file = this.fileFor(language);
    return this.#format(file, 'agent.works', file.agent.works, {
      isOn: work.startsAtMs <= nowMs ? 'yes' : 'no',
      from: this.#clock(file, work.startsAtMs, zone, nowMs),
      until: this.#clock(file, work.endsAtMs, zone, nowMs),
    });
  }

  /** What an agent says while measurements of their places are missing. */
  unseenSentence({ language, zone, isWhole, sinceMs }: AgentSight, nowMs: number): string {
    const file = this.fileFor(language);
    return this.#format(file, 'agent.unseen', file.agent.unseen, {
      extent: isWhole ? 'all' : 'part',
      since: this.#clock(file, sinceMs, zone, nowMs),
    });
  }

  /** Why someone is held to be affected or not; `minutes` is the age of a sighting. */
  agentReason(
    language: string,
    reason: keyof MessageFile['agent']['reasons'],
    minutes = 0,
  ): string {
    const file = this.fileFor(language);
    const message = file.agent.reasons[reason];
    return this.#format(file, `agent.reasons.${reason}`, message, { minutes });
  }

  /** A cause in plain words. */
  cause(language: string, kind: string): string {
    const { causes } = this.fileFor(language);
    return causes[kind] ?? causes.unknown ?? kind;
  }

  #smsValues(file: MessageFile, facts: SmsFacts, nowMs: number): Values {
    const { texts } = this.#policy;
    const place = plain(facts.place).slice(0, MAX_PLACE).trim();
    const isWorks = facts.kind === 'works';
    return {
      brand: plain(texts.brand),
      kind: nameOf(facts),
      service: facts.service,
      reach: facts.reach,
      audience: facts.audience,
      lines: facts.lines ?? 0,
      place: place === '' ? 'none' : place,
      around: facts.isAround ? 'yes' : 'no',
      since: this.#clock(file, facts.startedAtMs, facts.zone, nowMs),
      until: isWorks
        ? this.#clock(file, facts.endedAtMs, facts.zone, nowMs)
        : this.#estimate(file, facts, nowMs),
      ended: this.#clock(file, facts.endedAtMs, facts.zone, nowMs),
      hours: hoursOf(
        isWorks ? facts.startedAtMs : nowMs,
        facts.endedAtMs ?? facts.estimatedRepairAtMs,
      ),
      optOut: this.#optOut(facts.channel ?? 'sms'),
    };
  }

  /** A time in local words, or `none` when it or the zone is not known. */
  #clock(file: MessageFile, atMs: number | null, zone: string | null, nowMs: number): string {
    if (atMs === null || !isKnownZone(zone)) return 'none';
    const at = DateTime.fromMillis(atMs, { zone, locale: file.language });
    const isToday = at.hasSame(DateTime.fromMillis(nowMs, { zone }), 'day');
    return at.toFormat(isToday ? file.time : file.dayTime);
  }

  /** Whether a repair time with a band that wide is said to anyone; see `estimate.maxBandMinutes`. */
  isTimeSaid(repairBandMs: number): boolean {
    return isBandSaid(repairBandMs, this.#policy);
  }

  /** The repair time if it is good enough to be said, rounded up; else `none`. */
  #estimate(file: MessageFile, facts: SmsFacts | AgentFacts, nowMs: number): string {
    return this.#clock(file, estimateToSay(facts, this.#policy, nowMs), facts.zone, nowMs);
  }

  #format(file: MessageFile, key: string, message: string, values: Values): string {
    const id = `${file.language} ${key}`;
    try {
      let format = this.#formats.get(id);
      if (!format) {
        format = new IntlMessageFormat(message, file.language, undefined, { ignoreTag: true });
        this.#formats.set(id, format);
      }
      return String(format.format(values))
        .replace(/\s+/g, ' ')
        .replace(/ ([.,])/g, '$1')
        .trim();
    } catch (error) {
      throw new TextError(file.language, key, messageOf(error));
    }
  }

  /** Tries every variant of every text, so that a mistake shows at start and not at night. */
  #check(file: MessageFile): void {
    if (file.causes.unknown === undefined) {
      throw new TextError(file.language, 'causes.unknown', 'is missing');
    }
    for (const facts of sampleFacts(file.language)) this.#checkSample(file, facts);
    this.helpText(file.language);
    for (const certainty of ['yes', 'probably'] as const) {
      for (const service of LOSS_WORDS)
        this.agentSentence({ ...sampleAgent, certainty, service, language: file.language }, 0);
    }
    this.noIncidentSentence(file.language);
    const { language } = file;
    this.stillDownSentence(language);
    const { zone, startedAtMs: startsAtMs, estimatedRepairAtMs: endsAtMs } = SAMPLE;
    for (const nowMs of [0, startsAtMs]) {
      this.worksSentence({ language, zone, startsAtMs, endsAtMs }, nowMs);
      this.unseenSentence({ language, zone, isWhole: nowMs === 0, sinceMs: startsAtMs }, nowMs);
    }
    for (const reason of REASONS) this.agentReason(language, reason);
  }

  #checkSample(file: MessageFile, facts: SmsFacts): void {
    const { channel = 'sms' } = facts;
    const rendered = this.sms(facts, facts.startedAtMs);
    const wrong = unfit(rendered, channel, this.#policy) ?? this.#asksForReply(rendered, channel);
    if (wrong === undefined) return;
    const { key } = templateOf(file, channel, nameOf(facts));
    throw new TextError(file.language, key, wrong);
  }

  /** Nobody can answer a name, a notification or a mail: then it must not name a word to reply. */
  #asksForReply({ text }: RenderedSms, channel: Channel): string | undefined {
    const optOut = this.#optOut(channel);
    if (optOut === 'reply') return undefined;
    const word = replyWordIn(text.replace(optOut, ''), this.replies.out);
    if (word === undefined) return undefined;
    const sender = senderOf(channel, this.#smsSender);
    return `says ${word}, which nobody can reply to a sender of kind ${sender}, allowed: {optOut} in its place (texts.optOut.${sender} in notification.yaml): ${text}`;
  }
}

function nameOf({ variant, kind }: SmsFacts): keyof MessageFile['sms'] {
  return variant === 'short' ? 'short' : kind;
}

const sampleAgent = { ...SAMPLE, told: true } as const;

/** A value as it may stand in a text: without line breaks and characters that steer what is shown. */
function plain(value: string): string {
  return value.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

/** Whole hours between two times, at least 1; 0 when the end is not known. */
function hoursOf(fromMs: number, toMs: number | null): number {
  return toMs === null ? 0 : Math.max(1, Math.round((toMs - fromMs) / 3_600_000));
}
