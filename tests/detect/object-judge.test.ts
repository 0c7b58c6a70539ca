import { describe, expect, it } from 'vitest';
import { planKpi } from '../../src/detect/kpi-plan.js';
import { type Judgement, ObjectJudge } from '../../src/detect/object-judge.js';
import { Reading } from '../../src/detect/reading.js';
import { PHASE, SeriesStore } from '../../src/detect/series-store.js';
import { StateReader, StateWriter } from '../../src/detect/state-codec.js';
import { rulesWith } from './world.js';

const PLANS = [
  planKpi({ name: 'users', definition: { kind: 'count', unit: '', bad: 'low' } }, rulesWith()),
];
const OBJECT = 0;

function setUp() {
  const store = new SeriesStore();
  store.reserve(1);
  store.phase[OBJECT] = PHASE.learning;
  const make = () => {
    const made = new ObjectJudge(store, PLANS, 3600, rulesWith());
    made.reserve(1);
    return made;
  };
  const reading = Object.assign(new Reading(), {
    isPresent: true,
    isWarm: true,
    bad: 3,
    loss: 0.5,
  });
  const judgements: Judgement[] = ['quiet'];
  let judge = make();
  /** Lets so much evidence stand for so many periods; less than the threshold raises nothing. */
  const stand = (nats: number, periods: number): void => {
    for (let i = 0; i < periods; i++) {
      store.evidence[OBJECT] = nats;
      judge.judge(OBJECT, [reading], judgements);
    }
  };
  const restart = (): void => {
    const writer = new StateWriter();
    judge.save(writer, 'j', 1);
    judge = make();
    judge.load(new StateReader(writer.finish()), 'j');
  };
  const holiday = (isHoliday: boolean): void => judge.beginPeriod(0, isHoliday);
  return { stand, restart, holiday, judgements, restlessness: () => judge.restlessness(OBJECT) };
}

describe('unrest of an object', () => {
  it('does not grow while evidence builds up: a shallow loss does not hide itself', () => {
    const { stand, restlessness } = setUp();
    stand(8, 24);
    expect(restlessness()).toBe(1);
  });

  it('counts an episode that came to nothing once it is over', () => {
    const { stand, restlessness, restart } = setUp();
    stand(8, 24);
    restart();
    stand(0, 1);
    expect(restlessness()).toBeGreaterThan(3);
  });

  it('is what it was before once a holiday, with its wide bands, is over', () => {
    const { stand, holiday, restlessness } = setUp();
    stand(3, 400);
    const before = restlessness();
    holiday(true);
    stand(0, 24);
    holiday(false);
    expect(before).toBeGreaterThan(2);
    expect(restlessness()).toBe(before);
  });

  it('does not count one that led to a verdict', () => {
    const { stand, restlessness, judgements } = setUp();
    stand(8, 24);
    stand(60, 1);
    expect(judgements[0]).toBe('raised');
    stand(0, 3);
    expect(restlessness()).toBe(1);
  });
});
