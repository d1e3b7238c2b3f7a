-- What gateways say to each other over Redis is sealed with this key. Whoever can read it here can read the log itself.
alter table meta add column line_key bytea;
