-- Publishes by SQL (protocol/backends.md §9): an INSERT inside your own transaction. It is published if, and only if, that commits.
--   psql "$HOLI_POSTGRES" -v person=ana -v remind_at=2026-12-01T08:00:00Z [-v conversation=…] [-v tenant=dev] [-v prefix=…] -f publish.sql
\set ON_ERROR_STOP on
\if :{?tenant} \else \set tenant dev \endif
\if :{?prefix} \else \set prefix '' \endif
\if :{?conversation} \else \set conversation '' \endif

begin;

-- Here stands what you would do anyway: insert into lab_results …

-- A critical alert: priority 8 or 9 takes the urgent lane, and a person must accept it.
insert into holi_outbox (tenant, key, target, kind, priority, content)
values (:'tenant', :'prefix' || 'lab-result:81723', 'user/' || :'person', 'notification', 9,
  '{"title": "Potassium 6.9 mmol/l", "body": "Please look at once.", "reference": "lab/81723"}');

-- Later, and of no use an hour after that.
insert into holi_outbox (tenant, key, target, kind, deliver_at, expires, content)
values (:'tenant', :'prefix' || 'reminder:4711', 'user/' || :'person', 'notification',
  :'remind_at'::timestamptz, :'remind_at'::timestamptz + interval '1 hour', '{"title": "Time for your tablets"}');

-- A line in a conversation, said by the system.
insert into holi_outbox (tenant, key, target, kind, content)
select :'tenant', :'prefix' || 'lab-result:81723:line', 'conversation/' || :'conversation', 'message.post', '{"text": "A lab result has come: lab/81723"}'
where :'conversation' <> '';

-- Scheduled, and taken back in time.
insert into holi_outbox (tenant, key, target, kind, deliver_at, content)
values (:'tenant', :'prefix' || 'appointment:99', 'user/' || :'person', 'notification', :'remind_at'::timestamptz, '{"title": "Your appointment"}');
insert into holi_outbox (tenant, key, kind)
values (:'tenant', :'prefix' || 'appointment:99', 'cancel');

commit;
