-- The highest of each device's openings, by its own count, that was accepted (holi.v1.md §6.5): a Hello with a lower one is of a life that ended.
alter table devices add column opening integer not null default 0;
