#!/usr/bin/env python3
"""Publishes by way of Redis (protocol/backends.md §8) with nothing but the standard library: an XADD is an array of byte strings."""

import datetime
import json
import os
import socket
import urllib.parse


class Redis:
    """As much of RESP as XADD needs. A library of your own does the same: client.xadd("holi:publish", fields)."""

    def __init__(self, url):
        parts = urllib.parse.urlparse(url)
        self.socket = socket.create_connection((parts.hostname, parts.port or 6379), timeout=5)
        self.answers = self.socket.makefile("rb")
        if parts.password:
            self.ask("AUTH", parts.username or "default", parts.password)

    def ask(self, *words):
        words = [word.encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
        answer = self.answers.readline().rstrip(b"\r\n")
        if answer.startswith(b"-") or not answer:
            raise ConnectionError(answer[1:].decode() or "Redis hung up")
        return self.answers.readline().rstrip(b"\r\n").decode() if answer.startswith(b"$") else answer[1:].decode()


def publish(redis, key, content=None, **fields):
    fields = {"v": 1, "tenant": tenant, "key": prefix + key, **fields}
    if content is not None:
        fields["content"] = json.dumps(content)
    print(redis.ask("XADD", "holi:publish", "*", *(str(text) for field in fields.items() for text in field)))


tenant = os.environ.get("HOLI_TENANT", "dev")
person = "user/" + os.environ.get("HOLI_PERSON", "ana")
prefix = os.environ.get("HOLI_PREFIX", "")
tomorrow = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=1)
remind_at = datetime.datetime.fromisoformat(os.environ.get("HOLI_REMIND_AT", f"{tomorrow}T08:00:00Z").replace("Z", "+00:00"))
remind_at_ms = int(remind_at.timestamp()) * 1000

redis = Redis(os.environ.get("HOLI_REDIS", "redis://127.0.0.1:6379"))

# A critical alert: priority 8 or 9 takes the urgent lane, and a person must accept it.
publish(redis, "lab-result:81723", target=person, kind="notification", priority=9,
        content={"title": "Potassium 6.9 mmol/l", "body": "Please look at once.", "reference": "lab/81723"})

# Later, and of no use an hour after that. Times are milliseconds since 1970.
publish(redis, "reminder:4711", target=person, kind="notification",
        deliverAt=remind_at_ms, expires=remind_at_ms + 3_600_000, content={"title": "Time for your tablets"})

# A line in a conversation, said by the system.
if conversation := os.environ.get("HOLI_CONVERSATION"):
    publish(redis, "lab-result:81723:line", target=f"conversation/{conversation}", kind="message.post",
            content={"text": "A lab result has come: lab/81723"})

# Scheduled, and taken back in time.
publish(redis, "appointment:99", target=person, kind="notification", deliverAt=remind_at_ms, content={"title": "Your appointment"})
publish(redis, "appointment:99", kind="cancel")
