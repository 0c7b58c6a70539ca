import { loadYaml } from '../../src/adapters/rules/load-yaml.js';
import { ForecastRules } from '../../src/forecast/rules.js';

/** `rules/forecast.yaml` as it is shipped. */
export const forecastRules = loadYaml(
  new URL('../../rules/forecast.yaml', import.meta.url).pathname,
  ForecastRules,
);
