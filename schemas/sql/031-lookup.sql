-- What a look-up asks of an incident that is on, without reading its document, which lists every cell.
alter table incidents
  add column estimated_repair_at text generated always as (doc ->> 'estimatedRepairAt') stored,
  add column repair jsonb generated always as (doc -> 'repair') stored,
  add column sites_key text generated always as (md5(doc ->> 'sites')) stored;
