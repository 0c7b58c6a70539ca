/** What one KPI of the object at hand read, and what was expected; filled anew for every object. */
export class Reading {
  /** false when the KPI was absent from the report, or its series is still gathering */
  isPresent = false;
  /** whether the series has seen enough for a verdict */
  isWarm = false;
  isZero = false;
  x = Number.NaN;
  /** on the KPI's own scale: the expectation there, its scatter, and the reading's distance */
  mean = Number.NaN;
  sd = Number.NaN;
  residual = Number.NaN;
  /** distance in robust standard deviations, and the same turned so that positive is bad */
  z = Number.NaN;
  bad = Number.NaN;
  /** how much worse than `mean` is as ordinary: days off that were seldom seen */
  slack = Number.NaN;
  /** readings the series had learnt before */
  seen = Number.NaN;
  /** in the KPI's own unit; set when the reading is a standard deviation off, or traffic */
  expected = Number.NaN;
  /** share of the service lost, [0,1] */
  loss = Number.NaN;
  /** the series' own unit, for `inverse` */
  unit = Number.NaN;

  /** Forgets the last object's reading. */
  clear(): void {
    this.isPresent = false;
    this.isWarm = false;
  }
}
