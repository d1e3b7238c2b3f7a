#!/bin/sh
# Publishes by HTTP (protocol/backends.md §7). What was answered as committed or scheduled is on disk; anything else that is not a refusal is sent again.
set -eu

url=${HOLI_URL:-http://127.0.0.1:5280}
person=${HOLI_PERSON:-ana}
prefix=${HOLI_PREFIX:-}
remind_at=$(date -u -d "${HOLI_REMIND_AT:-tomorrow 08:00}" +%s)

call() { # method, path, further arguments of curl
  method=$1 path=$2
  shift 2
  # --retry sends the same again after a 429, a 5xx or no answer at all; the key makes that harmless.
  curl -sS --retry 8 --retry-all-errors --retry-max-time 60 -X "$method" -H "Authorization: Bearer $HOLI_TOKEN" "$url$path" "$@"
  echo
}

publish() { call POST /v1/publish -H 'Content-Type: application/json' -d "$1"; }

# A critical alert: priority 8 or 9 takes the urgent lane, and a person must accept it. The tenant is the token's.
publish '{"v": 1, "key": "'"$prefix"'lab-result:81723", "target": "user/'"$person"'", "kind": "notification", "priority": 9,
  "content": {"title": "Potassium 6.9 mmol/l", "body": "Please look at once.", "reference": "lab/81723"}}'

# Several in one request, each answered for itself. Later, and of no use an hour after that; times are milliseconds since 1970.
publish '{"items": [
  {"key": "'"$prefix"'reminder:4711", "target": "user/'"$person"'", "kind": "notification",
   "deliverAt": '"${remind_at}"'000, "expires": '"$((remind_at + 3600))"'000, "content": {"title": "Time for your tablets"}},
  {"key": "'"$prefix"'appointment:99", "target": "user/'"$person"'", "kind": "notification",
   "deliverAt": '"${remind_at}"'000, "content": {"title": "Your appointment"}}]}'

# A line in a conversation, said by the system.
if [ -n "${HOLI_CONVERSATION:-}" ]; then
  publish '{"key": "'"$prefix"'lab-result:81723:line", "target": "conversation/'"$HOLI_CONVERSATION"'", "kind": "message.post",
    "content": {"text": "A lab result has come: lab/81723"}}'
fi

# Taken back in time.
call DELETE "/v1/publish/${prefix}appointment:99"
