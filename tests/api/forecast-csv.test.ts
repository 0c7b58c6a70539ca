import { expect, it } from 'vitest';
import { forecastCsv } from '../../src/api/forecast-csv.js';
import { ahead, T0 } from '../forecast/desk/surge-world.js';

const interval = {
  queue: 'x',
  start: '2026-03-10T14:15:00.000Z',
  intervalSeconds: 900,
  ordinary: 10,
  surge: 2.25,
  incidents: [],
  redials: 0,
  quantiles: { '0.1': 8, '0.5': 12.25, '0.9': 20 },
  agents: 4,
  agentsErlangC: 5,
  rostered: null,
  roster: null,
};

function csvOf(queue: string): string[] {
  const forecast = { queue, issuedAt: null, intervals: [interval], actual: [], roster: [] };
  return forecastCsv([forecast]).split('\r\n');
}

it('writes one line an interval with median and band', () => {
  expect(csvOf('mobile')).toEqual([
    'queue,start,interval_seconds,calls_median,calls_p10,calls_p90,ordinary,surge,agents,rostered,redials,aht_seconds,roster,gap_agents,gap_hours,service_level,asa_seconds,abandonment,cost_needed,cost_as_rostered',
    'mobile,2026-03-10T14:15:00.000Z,900,12.3,8.0,20.0,10.0,2.3,4,,0.0,,,,,,,,,',
    '',
  ]);
});

it.each([
  ['=HYPERLINK("http://evil")', `"'=HYPERLINK(""http://evil"")"`],
  ['+33', "'+33"],
  ['a,b', '"a,b"'],
])('keeps the queue %s from being a formula or two fields', (queue, field) => {
  expect(csvOf(queue)[1]?.startsWith(`${field},2026`)).toBe(true);
});

it('puts queues one after the other, with what the roster means', () => {
  const [plain] = ahead('care', T0, [20], 12);
  const forecast = { queue: 'care', issuedAt: null, actual: [], roster: [] };
  const intervals = [
    { ...interval, ...plain, ahtSeconds: 240, cost: { needed: 16, asRostered: 12.5 } },
  ];
  const lines = forecastCsv([
    { ...forecast, intervals },
    { ...forecast, queue: 'chat', intervals },
  ]).split('\r\n');
  expect(lines.slice(1)).toEqual([
    'care,2026-03-10T14:00:00.000Z,900,60.0,60.0,60.0,40.0,20.0,15,20,0.0,240,12,8.0,2.00,0.500,60.0,0.1000,16.00,12.50',
    'chat,2026-03-10T14:00:00.000Z,900,60.0,60.0,60.0,40.0,20.0,15,20,0.0,240,12,8.0,2.00,0.500,60.0,0.1000,16.00,12.50',
    '',
  ]);
});
