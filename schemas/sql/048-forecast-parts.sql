-- Forecasts say which incident brings which calls, redials, and what the roster means. Those issued
-- before know of none.
update forecasts set intervals = coalesce(
  (select jsonb_agg('{"incidents": [], "redials": 0, "roster": null}'::jsonb || each.item order by each.n)
   from jsonb_array_elements(intervals) with ordinality as each (item, n)), '[]');
