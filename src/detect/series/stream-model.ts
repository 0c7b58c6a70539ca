import { Calibration } from './calibration.js';
import { FlatRun } from './flat-run.js';
import { PhaseScale } from './phase-scale.js';
import { RecentPredictor } from './recent-predictor.js';
import { SeasonProfile } from './season-profile.js';
import { Tail } from './tail.js';

const DAY_MS = 86_400_000;
/** Lags of cleaned deviations that the short-term predictor sees. */
const LAGS = 3;
/** Residuals count in full up to this many standard deviations when learning. */
const CLIP = 3;
/** Surprise, in nats, from which a row is left out of learning: one in 3,000. */
const ANOMALOUS_NATS = Math.log(3000);
/** An episode lasts until so many rows in a row are below this surprise: one in 30. */
const CALM_ROWS = 3;
const CALM_NATS = Math.log(30);
/** Rows in a row taken for missing while anomalous; later ones count as clipped. */
const REJECTED_ROWS = 6;
/** Allowance of the sequential statistic: deviations below it do not add up. */
const ALLOWANCE = 1.25;
const MOST_PER_ROW = 4;
const MOST_EVIDENCE = 60;
/** One excursion makes many large sums, so that their tail rests on fewer cases than it counts. */
const SEQUENCE_WORTH = 0.8;
/** Kinds of evidence with a tail of their own: jump, distance from the season, sequence. */
const KINDS = 3;

/** What a model is built for. */
export interface StreamShape {
  /** distance of rows in ms, above 0 */
  stepMs: number;
  /** lengths of the seasons in ms, ascending; empty for none */
  seasonsMs: readonly number[];
  /** typical value to begin with */
  level: number;
}

/** Surprise in nats, before and after calibration. */
interface Surprise {
  raw: number;
  calibrated: number;
}

interface Look {
  base: number;
  features: Float64Array;
  predicted: number;
  innovation: number;
  fromSeason: number;
  jumpSize: number;
  seasonSize: number;
}

/**
 * One series with known step and seasons. A value is looked at in four ways: as a jump against
 * what the recent rows and the season predict, as a distance from the season alone, as a sequence
 * of shallow distances that add up, and as a value that stays the same for too long. Each way is
 * measured by the tail of its own past; the least probable counts, corrected for their number and
 * then by how often the like came about.
 */
export class StreamModel {
  readonly #shape: StreamShape;
  readonly #profiles: SeasonProfile[];
  readonly #lastCycle: Float64Array;
  readonly #predictor: RecentPredictor;
  readonly #jumpScale = new PhaseScale();
  readonly #seasonScale = new PhaseScale();
  readonly #tails = Array.from({ length: KINDS }, () => new Tail());
  readonly #calibration = new Calibration();
  readonly #flat = new FlatRun();
  readonly #lags = new Float64Array(LAGS);
  readonly #bins: Int32Array;
  readonly #slow: number;
  #smoothed = 0;
  #level: number;
  #up = 0;
  #down = 0;
  #rows = 0;
  #anomalousRows = 0;
  /** rows that an episode lasts on if they are calm; 0 for none */
  #episodeRows = 0;
  #episodeLength = 0;
  /** greatest surprise of the episode, or of this row where there is none */
  #episodeNats = 0;

  constructor(shape: StreamShape) {
    this.#shape = shape;
    this.#profiles = shape.seasonsMs.map((ms) => new SeasonProfile(ms, shape.stepMs));
    this.#bins = new Int32Array(this.#profiles.length);
    this.#lastCycle = new Float64Array(this.#profiles.at(0)?.bins ?? 1);
    this.#predictor = new RecentPredictor(LAGS + 3 + 2 * this.#profiles.length);
    this.#level = shape.level;
    const cycle = (shape.seasonsMs[0] ?? 0) / shape.stepMs;
    this.#slow = Math.min(2000, Math.max(60, cycle));
  }

  /**
   * Scores a value, then learns from it.
   * @param gapRows rows missing before it, 0 for none
   * @returns surprise in nats, >= 0
   */
  take(timeMs: number, value: number, gapRows: number): number {
    this.#skip(gapRows);
    const look = this.#look(timeMs, value);
    const phase = this.#phase(timeMs);
    const nats = this.#surprise(look, value);
    const calibrated = this.#calibration.of(nats);
    this.#learn(look, value, phase, { raw: nats, calibrated });
    return calibrated;
  }

  /** Scores a value without learning: rows that repeat a time or go back in it. */
  glance(timeMs: number, value: number): number {
    const look = this.#look(timeMs, value);
    const nats = combined([
      this.#tail(0).surprise(look.jumpSize),
      this.#tail(1).surprise(look.seasonSize),
    ]);
    return this.#calibration.of(nats);
  }

  /** Anomalous rows in a row from which on they are taken for a new behaviour. */
  get #lastingRows(): number {
    return Math.max(24, this.#slow / 2);
  }

  #tail(kind: number): Tail {
    const tail = this.#tails[kind];
    if (tail === undefined) throw new RangeError(`no tail of kind ${kind}`);
    return tail;
  }

  /** Place in the first season, or in the day where none is known. */
  #phase(timeMs: number): number {
    const season = this.#shape.seasonsMs[0] ?? DAY_MS;
    return (((timeMs % season) + season) % season) / season;
  }

  /** What a gap leaves of the recent past: it fades into what the season expects. */
  #skip(gapRows: number): void {
    if (gapRows === 0) return;
    const keep = 0.7 ** Math.min(gapRows, 100);
    for (let i = 0; i < LAGS; i++) this.#lags[i] = (this.#lags[i] ?? 0) * keep;
    this.#smoothed *= keep;
    this.#up *= keep;
    this.#down *= keep;
  }

  #look(timeMs: number, value: number): Look {
    let base = this.#level;
    const unit = this.#seasonScale.overall();
    const features = new Float64Array(LAGS + 3 + 2 * this.#profiles.length);
    this.#profiles.forEach((profile, i) => {
      const bin = profile.binOf(timeMs);
      this.#bins[i] = bin;
      base += profile.smooth(bin) + profile.sharp(bin);
      features[LAGS + 3 + 2 * i] = profile.smooth(bin) / unit;
      features[LAGS + 4 + 2 * i] = profile.sharp(bin) / unit;
    });
    for (let i = 0; i < LAGS; i++) features[i] = (this.#lags[i] ?? 0) / unit;
    features[LAGS] = this.#smoothed / unit;
    features[LAGS + 1] = (this.#lastCycle[this.#bins[0] ?? 0] ?? 0) / unit;
    features[LAGS + 2] = 1;
    const predicted = this.#predictor.predict(features) * unit;
    const innovation = value - base - predicted;
    const fromSeason = value - base;
    const phase = this.#phase(timeMs);
    return {
      base,
      features,
      predicted,
      innovation,
      fromSeason,
      jumpSize: sized(innovation, this.#jumpScale.at(phase)),
      seasonSize: sized(fromSeason, this.#seasonScale.at(phase)),
    };
  }

  #surprise(look: Look, value: number): number {
    const push = Math.sign(look.innovation) * Math.min(look.jumpSize, MOST_PER_ROW);
    this.#up = accumulate(this.#up, push);
    this.#down = accumulate(this.#down, -push);
    const sequence = push > 0 ? this.#up : this.#down;
    return combined([
      this.#tail(0).surprise(look.jumpSize),
      this.#tail(1).surprise(look.seasonSize),
      Math.abs(push) > ALLOWANCE ? SEQUENCE_WORTH * this.#tail(2).surprise(sequence) : 0,
      this.#flat.surprise(value),
    ]);
  }

  #learn(look: Look, value: number, phase: number, nats: Surprise): void {
    this.#rows++;
    this.#flat.learn(value);
    const isReady = this.#profiles[0]?.knows(this.#bins[0] ?? 0) ?? true;
    if (isReady && this.#rows > 12) this.#learnTails(look, nats);
    const isAnomalous = isReady && nats.raw > ANOMALOUS_NATS;
    this.#anomalousRows = isAnomalous ? this.#anomalousRows + 1 : 0;
    const deviation = look.predicted + this.#believed(look, phase);
    this.#predictor.learn(
      look.features,
      deviation / this.#seasonScale.overall(),
      isAnomalous
        ? 0
        : Math.min(
            1,
            (CLIP * this.#jumpScale.at(phase)) / Math.max(Math.abs(look.innovation), 1e-280),
          ),
    );
    this.#jumpScale.learn(phase, look.innovation);
    this.#seasonScale.learn(phase, look.fromSeason);
    this.#remember(deviation, isReady);
  }

  /**
   * An episode counts as one row, so that what nobody has marked as an anomaly weighs little; one
   * that lasts is how the series is now, and its rows count.
   */
  #learnTails(look: Look, { raw, calibrated }: Surprise): void {
    this.#episodeLength = this.#episodeRows > 0 ? this.#episodeLength + 1 : 0;
    const isInEpisode = this.#episodeLength > 0 && this.#episodeLength <= this.#lastingRows;
    if (calibrated > (isInEpisode ? CALM_NATS : ANOMALOUS_NATS)) this.#episodeRows = CALM_ROWS;
    else this.#episodeRows = Math.max(0, this.#episodeRows - 1);
    this.#episodeNats = Math.max(this.#episodeNats, raw);
    if (!isInEpisode) {
      this.#tail(0).add(look.jumpSize);
      this.#tail(1).add(look.seasonSize);
      this.#tail(2).add(Math.max(this.#up, this.#down));
    }
    if (this.#episodeRows > 0 && this.#episodeLength < this.#lastingRows) return;
    this.#calibration.add(this.#episodeNats);
    this.#episodeNats = 0;
  }

  /** How much of the innovation is taken for real: all, a clipped part, or nothing. */
  #believed(look: Look, phase: number): number {
    if (this.#anomalousRows > 0 && this.#anomalousRows <= REJECTED_ROWS) return 0;
    const limit = CLIP * this.#jumpScale.at(phase);
    if (this.#rows < 12) return look.innovation;
    return Math.max(-limit, Math.min(limit, look.innovation));
  }

  #remember(deviation: number, isReady: boolean): void {
    for (let i = LAGS - 1; i > 0; i--) this.#lags[i] = this.#lags[i - 1] ?? 0;
    this.#lags[0] = deviation;
    this.#smoothed += (deviation - this.#smoothed) / 12;
    this.#lastCycle[this.#bins[0] ?? 0] = deviation;
    const isLasting = this.#anomalousRows > this.#lastingRows;
    const weight = isLasting ? 0.1 : 1 / Math.min(this.#rows + 1, this.#slow);
    this.#level += (isReady ? deviation : deviation * 0.1) * weight;
    this.#profiles.forEach((profile, i) => {
      const bin = this.#bins[i] ?? 0;
      profile.learn(bin, deviation + profile.smooth(bin));
    });
  }
}

/** Deviation in standard deviations, bounded so that nothing overflows. */
function sized(deviation: number, scale: number): number {
  const size = Math.abs(deviation) / scale;
  return Number.isNaN(size) ? 0 : Math.min(size, 1e9);
}

/** One-sided cumulative sum (Page 1954); fades at once when rows no longer agree. */
function accumulate(sum: number, push: number): number {
  if (push < 0) return sum / 2 > 0.1 ? Math.max(0, sum / 2 + push) : 0;
  return Math.max(0, Math.min(MOST_EVIDENCE, sum + push - ALLOWANCE));
}

/** Surprise of the greatest of several (Šidák 1967: 1 - (1 - p)^n), in nats. */
function combined(nats: readonly number[]): number {
  const greatest = Math.max(...nats);
  const p = -Math.expm1(nats.length * Math.log1p(-Math.exp(-greatest)));
  return p > 1e-9 ? Math.max(0, -Math.log(p)) : greatest - Math.log(nats.length);
}
