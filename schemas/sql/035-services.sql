-- What people lose by service, and which technologies their devices can use.

-- Technologies of the device as cells.csv spells them, LTE800|LTE1800; empty: not known, so all.
alter table subscribers add column technologies text not null default '';
alter table subscriber_classes add column technologies text not null default '';
alter table subscriber_classes
  drop constraint subscriber_classes_kind_brand_segment_language_vulnerable_key,
  add constraint subscriber_classes_of unique
    (kind, brand, segment, language, vulnerable, technologies);
drop trigger class_new on subscribers;
drop trigger class_changed on subscribers;
drop function subscriber_class(text, text, text, text, boolean);
create function subscriber_class(a_kind text, a_brand text, a_segment text, a_language text,
  is_vulnerable boolean, some_technologies text) returns smallint language plpgsql as $$
declare found_class smallint;
begin
  loop
    select c.class into found_class from subscriber_classes c
    where (c.kind, c.brand, c.segment, c.language, c.vulnerable, c.technologies)
      = (a_kind, a_brand, a_segment, a_language, is_vulnerable, some_technologies);
    if found then return found_class; end if;
    insert into subscriber_classes (kind, brand, segment, language, vulnerable, technologies)
    values (a_kind, a_brand, a_segment, a_language, is_vulnerable, some_technologies)
    on conflict do nothing;
  end loop;
end $$;
create or replace function class_subscriber() returns trigger language plpgsql as $$
begin
  new.class := subscriber_class(new.kind, new.brand, new.segment, new.language, new.vulnerable,
    new.technologies);
  return new;
end $$;
create trigger class_new before insert on subscribers
  for each row when (new.class is null) execute function class_subscriber();
create trigger class_changed before update on subscribers
  for each row when
    ((new.kind, new.brand, new.segment, new.language, new.vulnerable, new.technologies)
    is distinct from
    (old.kind, old.brand, old.segment, old.language, old.vulnerable, old.technologies))
  execute function class_subscriber();

-- Share of each service lost at a cell that serves on; 0 where none > 0: there all is lost by those
-- whom nobody catches.
alter table incident_cells
  add column voice real not null default 0,
  add column data real not null default 0,
  add column sms real not null default 0;

-- dark: probability of being at a cell that is out; voice, data, sms: of being at one that serves on,
-- times the share lost of the service.
alter table incident_sites
  drop column loss,
  drop column own_loss,
  add column dark real not null default 0,
  add column voice real not null default 0,
  add column data real not null default 0,
  add column sms real not null default 0,
  add column own_dark real,
  add column own_voice real,
  add column own_data real,
  add column own_sms real;

-- How many devices of a class neighbours catch for one that can use everything, by class; absent: 1.
alter table impact_state add column caught jsonb not null default '{}';

-- Share lost of each service by those affected, in 31sts: voice + 32 * data + 1024 * sms.
alter table incident_subscribers add column lost smallint not null default 0;

-- without_voice: current rows that have lost their calls. voice, data, sms: sum of probability times
-- the share lost over current rows.
alter table impact_counts rename column without_service to without_voice;
alter table impact_counts
  add column voice double precision not null default 0,
  add column data double precision not null default 0,
  add column sms double precision not null default 0;

update impact_state set estimate = '{"services": {"voice": 0, "data": 0, "sms": 0}}'::jsonb || estimate
where estimate is not null;

update incident_sites set own_probability = null;

-- every list is made anew by the new arithmetic
update impact_state set cells_key = '' where is_complete and left_to_map = 0;
