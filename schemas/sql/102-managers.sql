-- A message to an account's manager, who is told in place of the account's lines.
alter table outbox add column is_manager boolean not null default false;
update outbox o set is_manager = true
from subscribers s where s.subscriber_id = o.subscriber_id and s.kind = 'fleet';
