/** What one KPI of one object read and what was expected, for verdicts and charts. */
export class Reading {
  /** false when the KPI was absent from the report, or its series is still gathering */
  isPresent = false;
  /** whether the series has seen enough for a verdict */
  isWarm = false;
  isZero = false;
  x = Number.NaN;
  /** on the KPI's own scale: the expectation there and its scatter */
  mean = Number.NaN;
  sd = Number.NaN;
  /** distance in robust standard deviations, and the same turned so that positive is bad */
  z = Number.NaN;
  bad = Number.NaN;
  /** in the KPI's own unit */
  expected = Number.NaN;
  /** share of the service lost, [0,1] */
  loss = Number.NaN;
  /** the series' own unit, for `inverse` */
  unit = Number.NaN;
}
