#!/bin/sh
# Publishes by way of Redis (protocol/backends.md §8): one XADD each. What Redis answered with an id will be published.
set -eu

redis=${HOLI_REDIS:-redis://127.0.0.1:6379}
tenant=${HOLI_TENANT:-dev}
person=${HOLI_PERSON:-ana}
prefix=${HOLI_PREFIX:-}
remind_at=$(date -u -d "${HOLI_REMIND_AT:-tomorrow 08:00}" +%s)

publish() { # field value …
  redis-cli --no-auth-warning -e -u "$redis" xadd holi:publish '*' v 1 tenant "$tenant" "$@"
}

# A critical alert: priority 8 or 9 takes the urgent lane, and a person must accept it.
publish key "${prefix}lab-result:81723" target "user/$person" kind notification priority 9 \
  content '{"title":"Potassium 6.9 mmol/l","body":"Please look at once.","reference":"lab/81723"}'

# Later, and of no use an hour after that. Times are milliseconds since 1970.
publish key "${prefix}reminder:4711" target "user/$person" kind notification \
  deliverAt "${remind_at}000" expires "$((remind_at + 3600))000" content '{"title":"Time for your tablets"}'

# A line in a conversation, said by the system.
if [ -n "${HOLI_CONVERSATION:-}" ]; then
  publish key "${prefix}lab-result:81723:line" target "conversation/$HOLI_CONVERSATION" kind message.post \
    content '{"text":"A lab result has come: lab/81723"}'
fi

# Scheduled, and taken back in time.
publish key "${prefix}appointment:99" target "user/$person" kind notification deliverAt "${remind_at}000" content '{"title":"Your appointment"}'
publish key "${prefix}appointment:99" kind cancel
