-- Estimates of impact that were made before costs were counted go on without what they lack.
update impact_state
set estimate = '{"everBySegment": {}, "minutesBySegment": {}, "withoutVoice": 0}'::jsonb || estimate
where estimate is not null;
