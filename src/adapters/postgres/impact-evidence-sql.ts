import type { WhereaboutsMode } from '../../impact/whereabouts-rules.js';

/**
 * From where people are to how probably an incident affects them: the arithmetic of
 * src/impact/whereabouts.ts and stay.ts as common table expressions. Times are timestamptz in network
 * time, cells and incidents go by number. A person is looked at as a whole: all their evidence against
 * all the incident's cells. `offset 0` and `materialized` keep the planner from writing a value out at
 * each of its uses, which would work it out, or look it up, as often.
 *
 * What a plan turns on comes as arrays or is forced by a lateral subquery, so that it is the same
 * whether or not statistics know of the incident: $1 incident number, $2 now, moments of
 * `staySegments` in seconds: begins $3, ends $4, rates $5, rates summed up after $6; $7 part of the
 * week, $8 least probability; lost cells: numbers $9, probabilities of no service $10, shares lost of
 * voice $11, data $12 and SMS $13 where they serve on, since when $14; shares lost by those whom
 * neighbours catch $15 and weights of the services $16, each of voice, data, SMS; $17 how many devices
 * neighbours catch for one that can use everything, by class; $18 and $19 the scope.
 */

/** Whom a mapping looks at. */
export type MappingScope =
  /** $18 and $19: everybody above one id up to another */
  | 'range'
  /** $18: people */
  | 'people';

const inRange = (alias: string): string =>
  `${alias}.subscriber_id > $18::int and ${alias}.subscriber_id <= $19::int`;
/** Some people, each once. As a condition on a table, a list of thousands takes long to plan. */
const GIVEN = 'unnest($18::int[]) as given (id)';

/**
 * Rows of a table about the people of a scope: a range is read in a row, some people are looked up one
 * by one. @param where about columns of the table, alias `x`
 */
export function about(scope: MappingScope, table: string, where: string): string {
  if (scope === 'range') return `(select * from ${table} x where ${where} and ${inRange('x')})`;
  return `(select of.* from ${GIVEN} cross join lateral (
    select * from ${table} x where ${where} and x.subscriber_id = given.id offset 0) of)`;
}

/** Cells with what is lost there. @param first number of the first of its parameters */
const lostSql = (first: number): string => `
lost as materialized (
  select *, (none > 0)::int as dark from unnest($${first}::int[], $${first + 1}::float8[],
    $${first + 2}::float8[], $${first + 3}::float8[], $${first + 4}::float8[],
    $${first + 5}::timestamptz[]) as l (cell_no, none, voice, data, sms, since))`;

/** What somebody meets at lost cells, as `Harm` of src/impact/cell-loss.ts has it. */
const HARM = ['dark', 'none', 'voice', 'data', 'sms'] as const;

/** A list of columns, each made from one of what somebody meets. */
function harm(column: (of: (typeof HARM)[number]) => string): string {
  return HARM.map(column).join(', ');
}

/** Sums of what is met at lost cells `l`, each as often as somebody is there. */
function metAt(weight: string): string {
  return harm((of) => `sum(${weight} * l.${of}) as ${of}`);
}

/** The same columns of a place. */
const AT_PLACE = harm((of) => `h.${of}::float8 as ${of}`);

/**
 * What is lost by who meets that (`lossOf`): `degree` and the shares of each service, over
 * everybody. @param caught how many like them neighbours catch for one that can use everything
 */
function lossSql(from: string, caught: string): string {
  const edge = (n: number): string => `($15::float8[])[${n}]`;
  const lost = (of: string, n: number): string =>
    `least(1, y.without + y.served * ${edge(n)} + y.${of})`;
  return `
  select y.*, ($16::float8[])[1] * y.lost_voice
      + ($16::float8[])[2] * y.lost_data + ($16::float8[])[3] * y.lost_sms as loss
  from (
    select y.*, ${lost('voice', 1)} as lost_voice, ${lost('data', 2)} as lost_data,
      ${lost('sms', 3)} as lost_sms
    from (
      select x.*, x.dark - (x.dark - x.none) * ${caught} as without,
        (x.dark - x.none) * ${caught} as served
      from ${from} x offset 0) y offset 0) y`;
}

/** What people are found by: rows that have `key`, such as `lost l`, and where people have the same. */
interface Found {
  readonly from: string;
  readonly key: string;
  readonly table: string;
  readonly column: string;
  readonly columns: string;
  readonly where?: string;
}

/** Joins something to the people of a scope: a range of people is found by each key, some by themselves. */
function joined(scope: MappingScope, found: Found): string {
  const { from, key, table, column, columns, where = 'true' } = found;
  if (scope === 'people') {
    return `(select of.* from ${GIVEN} cross join lateral (
      select ${columns}, ${column} as key from ${table} x
      where x.subscriber_id = given.id and ${where} offset 0) of offset 0) x
    join ${from} on ${key} = x.key`;
  }
  return `${from} cross join lateral (select ${columns} from ${table} x
    where x.${column} = ${key} and ${inRange('x')} and ${where} offset 0) x`;
}

const NOTHING = `select null::int as subscriber_id, null::float8 as p,
    ${harm((of) => `null::float8 as ${of}`)}, null::timestamptz as since, null::smallint as class
    where false`;

/**
 * Leaves out of declared cells those of whom something is learnt; looked up person by person.
 * @param of rows with `subscriber_id` and `part`
 */
const notReplaced = (of: string): string => `
  left join lateral (
    select true as is_there from usual_cells k
    where ${of}.part = 0 and k.subscriber_id = ${of}.subscriber_id and k.part = $7::smallint
    limit 1) learnt on true
  where not coalesce(learnt.is_there, false)`;

/** Usual cells that are lost, each by itself. */
function usualCells(scope: MappingScope): string {
  const cells = joined(scope, {
    from: 'lost l',
    key: 'l.cell_no',
    table: 'usual_cells',
    column: 'cell_no',
    columns: 'subscriber_id, part, weight::float8 as weight, class',
    where: 'x.part in (0, $7::smallint)',
  });
  return `
    select x.subscriber_id, x.part, x.weight as p, ${harm((of) => `x.weight * l.${of} as ${of}`)},
      l.since, x.class
    from ${cells}`;
}

/** All places of an incident, for a range of people; some people are looked up place by place. */
const PLACES = `
places as materialized (select * from incident_sites where incident_no = $1),`;

/** Declared places at which something is lost. Nobody whose usual cells are known rests there. */
function homes(scope: MappingScope, mode: WhereaboutsMode): string {
  const places = joined(scope, {
    from: scope === 'range' ? 'places h' : 'incident_sites h',
    key: 'h.site_id',
    table: 'subscribers',
    column: 'home_site',
    columns: 'subscriber_id, class',
    where: 'not x.declares_cells and x.erased_at is null',
  });
  const notUsual = `and not exists (select from usual_cells k
      where k.subscriber_id = x.subscriber_id and k.part in (0, $7::smallint))`;
  return `
    select x.subscriber_id, null::smallint as part, h.probability::float8 as p, ${AT_PLACE}, h.since,
      x.class
    from ${places}
    where h.incident_no = $1 ${mode === 'learnt' ? notUsual : 'and $7::smallint is not null'}`;
}

/** Who was last seen at one of the cells; of some people, all, since each is looked up anyway. */
function visitors(scope: MappingScope): string {
  if (scope === 'people') {
    return `
    select id, null, 0, ${harm(() => '0')}, null, null from ${GIVEN}`;
  }
  const seen = joined(scope, {
    from: 'lost l',
    key: 'l.cell_no',
    table: 'last_seen',
    column: 'cell_no',
    columns: 'subscriber_id',
  });
  return `
    select x.subscriber_id, null, 0, ${harm(() => '0')}, null, null from ${seen}`;
}

/**
 * Everybody in scope whom the incident may concern, by where they usually are: at some lost cells, or
 * at a declared place, never both. What is learnt of somebody for a part of the week replaces what was
 * declared for any. In order of people, so that what is looked up of each lies beside what was looked
 * up before.
 */
function people(scope: MappingScope, mode: WhereaboutsMode): string {
  const found = [
    homes(scope, mode),
    ...(mode === 'learnt' ? [usualCells(scope)] : []),
    ...(mode === 'declared' ? [] : [visitors(scope)]),
  ].join(' union all ');
  return `
${scope === 'range' ? PLACES : ''}
people as (
  select subscriber_id, least(1, sum(p)) as p, ${harm((of) => `sum(${of}) as ${of}`)},
    min(since) as since, max(class) as class
  from (select * from (${found}) as any_order order by subscriber_id) as each
  ${mode === 'learnt' ? notReplaced('each') : ''}
  group by subscriber_id)`;
}

/**
 * Where they were seen last, and what that says. Each is looked up before the cells are joined, which
 * else are held against every person by themselves when few people are expected. A cell that catches phones of dark ones says nothing;
 * whoever was seen abroad, at cell 0, is there until seen elsewhere.
 * `seen` and `darkened` in seconds, with the segment each lies in.
 */
function placed(mode: WhereaboutsMode): string {
  if (mode === 'declared') {
    return `
placed as (
  select r.*, ${harm((of) => `0::float8 as here_${of}`)}, null::timestamptz as here_since,
    false as is_here, false as is_abroad, null::float8 as seen, width_bucket(null::float8, $3::float8[]) as seen_in,
    null::float8 as darkened, null::int as darkened_in
  from people r)`;
  }
  return `
catching as materialized (
  select cell_no, since from incident_catching
  where incident_no = $1 and cell_no <> all($9::int[])),
sighted as (
  select r.*, l.cell_no is not null as is_here, coalesce(r.cell_no = 0, false) as is_abroad,
    ${harm((of) => `coalesce(l.${of}, 0) as here_${of}`)}, greatest(l.since, r.seen_at) as here_since,
    case when k.cell_no is null then date_part('epoch', r.seen_at) end as seen,
    case when l.none > 0 then greatest(date_part('epoch', l.since), date_part('epoch', r.seen_at))
      end as darkened
  from (
    select r.*, e.cell_no, e.seen_at from people r
    left join last_seen e on e.subscriber_id = r.subscriber_id offset 0) r
  left join catching k on k.cell_no = r.cell_no and k.since <= r.seen_at
  left join lost l on l.cell_no = r.cell_no
  offset 0),
placed as (
  select *, width_bucket(seen, $3::float8[]) as seen_in, width_bucket(darkened, $3::float8[]) as darkened_in
  from sighted)`;
}

/** Rates of leaving summed up since a moment; infinity: before all segments. */
const leavingSince = (moment: string): string =>
  `case when ${moment} >= date_part('epoch', $2::timestamptz) then 0
    else coalesce(($6::float8[])[${moment}_in] + ($5::float8[])[${moment}_in]
      * (($4::float8[])[${moment}_in] - ${moment}), 'infinity') end`;

/** How many like somebody neighbours catch, by class `x.class`. */
const CAUGHT = 'coalesce(($17::float8[])[x.class], 1)';

/** Shares of voice, data and SMS in [0,1] as `incident_subscribers.lost` has them. */
function packedSql(voice: string, data: string, sms: string): string {
  const steps = (share: string): string => `round(31 * least(1, ${share}))::int`;
  return `(${steps(voice)} + 32 * ${steps(data)} + 1024 * ${steps(sms)})::smallint`;
}

/** What agents were told of an incident and count, see `about`. */
const ANSWERED = `x.incident_no = $1 and x.undone_at is null
  and x.answer in ('notAffected', 'stillDown')`;

/** How sure it is that somebody is affected who says so. */
const SAID = '0.95::float8';

/**
 * `fresh`: who is affected with at least the least probability, what they lose and since when. What
 * somebody told an agent of this incident last counts instead of all else; somebody who is known by a
 * sighting alone gets their class here.
 */
function scored(scope: MappingScope): string {
  return `
said as materialized (
  select distinct on (a.subscriber_id) a.subscriber_id, a.answer, a.at
  from ${about(scope, 'agent_answers', ANSWERED)} a
  order by a.subscriber_id, a.at desc, a.answer_id),
weighed as materialized (
  select *, case when is_abroad then 1 when seen is null or left_seen = 'infinity' then 0
    else exp(-greatest(0, left_seen - left_dark)) end as w
  from (
    select *, ${leavingSince('seen')} as left_seen,
      case when darkened is null then 0 else ${leavingSince('darkened')} end as left_dark
    from placed offset 0) p),
scored as (
  select subscriber_id, class, least(1, w * is_here::int + (1 - w) * p) as p,
    ${harm((of) => `w * here_${of} + (1 - w) * ${of} as ${of}`)},
    coalesce(case when w > 0 then here_since end, since, here_since) as since
  from weighed where subscriber_id not in (select subscriber_id from said)
  union all
  select subscriber_id, null, ${SAID}, ${SAID}, ${SAID}, 0, 0, 0, at from said
  where answer = 'stillDown'),
classed as materialized (
  select s.subscriber_id, s.p, ${harm((of) => `s.${of}`)}, s.since, coalesce(s.class,
    (select o.class from subscribers o where o.subscriber_id = s.subscriber_id)) as class
  from scored s where s.p >= $8::float8),
fresh as materialized (
  select c.subscriber_id, c.p::real as p, (c.loss / c.p)::real as degree,
    (c.without / c.p)::real as none, c.lost_sms::real as silent,
    ${packedSql('c.lost_voice / c.p', 'c.lost_data / c.p', 'c.lost_sms / c.p')} as lost,
    least(c.since, $2::timestamptz) as since, c.class
  from (${lossSql('classed', CAUGHT)}) c)`;
}

/** All of it: common table expressions that end in `fresh`, see `scored`. */
export function evidenceSql(scope: MappingScope, mode: WhereaboutsMode): string {
  return `${lostSql(9)},
${people(scope, mode)},
${placed(mode)},
${scored(scope)}`;
}

/** One of so many people stands for all in an estimate. */
const SAMPLE = 16;

/**
 * A quick estimate of the same by class of subscriber: from usual cells of one person in 16, by number,
 * and homes, without sightings, devices taken to use everything. $1 incident number, $2 now, $3 part
 * of the week, $4 least probability, lost cells from $5 on and rules from $11 on as above.
 */
export function estimateSql(mode: WhereaboutsMode): string {
  const usual = `
  select min(u.class) as class, min(l.since) as since, least(1, sum(u.weight::float8)) as p,
    ${metAt('u.weight::float8')}
  from lost l cross join lateral (
    select subscriber_id, part, weight, class from usual_cells x
    where x.cell_no = l.cell_no and x.subscriber_id % ${SAMPLE} = 0 and x.part in (0, $3::smallint)
    offset 0) u ${notReplaced('u').replace('$7', '$3')}
  group by u.subscriber_id`;
  return `${lostSql(5)},
usual as (${mode === 'learnt' ? usual : `select class, since, p, ${harm((of) => of)} from (${NOTHING}) as nobody where $3::smallint is null`}),
home as (
  select s.class, h.since, h.probability::float8 as p, ${AT_PLACE}, s.people
  from incident_sites h cross join lateral (
    select x.class, count(*) as people from subscribers x
    where x.home_site = h.site_id and not x.declares_cells and x.erased_at is null
    group by x.class) s
  where h.incident_no = $1),
by_class as (
  select class, sum(people) as people, sum(people * p) as expected, sum(people * loss) as loss,
    sum(people * loss * date_part('epoch', $2::timestamptz - since) / 60) as minutes,
    ${['voice', 'data', 'sms'].map((of) => `sum(people * lost_${of}) as ${of}`).join(', ')},
    sum(people) filter (where lost_voice >= 0.5 * p) as without_voice
  from (${lossSql(
    `(select ${SAMPLE} as people, class, since, p, ${harm((of) => of)} from usual
    union all select people, class, since, p, ${harm((of) => of)} from home)`,
    '1',
  )
    .replaceAll('$15', '$11')
    .replaceAll('$16', '$12')}) as each
  where p >= $4::float8 group by class)`;
}
