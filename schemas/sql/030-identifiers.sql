-- Whom an identifier belongs to at a time is read from the index alone.
alter table subscriber_identifiers drop constraint subscriber_identifiers_pkey;
alter table subscriber_identifiers
  add primary key (kind, value, subscriber_id, valid_from) include (valid_to);
