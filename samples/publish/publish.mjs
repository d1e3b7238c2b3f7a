// Publishes by HTTP (protocol/backends.md §7) with nothing but Node (18 or later). What is not known to be decided is sent again, the same as before.

const { HOLI_URL: url = "http://127.0.0.1:5280", HOLI_TOKEN: token, HOLI_PERSON: user = "ana", HOLI_PREFIX: prefix = "" } = process.env;
const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const remindAt = Date.parse(process.env.HOLI_REMIND_AT ?? `${tomorrow}T08:00:00Z`);
const person = `user/${user}`;

async function call(method, path, body) {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
        body: body && JSON.stringify(body),
      });
      // Anything but these is the gateway's last word (§6.2).
      if (answer.status !== 429 && answer.status < 500) return await answer.json();
    } catch (failure) {
      // No answer says nothing about what happened.
      if (attempt === 8) throw failure;
    }
    await new Promise((next) => setTimeout(next, Math.min(5_000, 100 * 2 ** attempt)));
  }
}

async function publish(key, publication) {
  const { result, topic, offset, deliverAt, code, detail } = await call("POST", "/v1/publish", { v: 1, key: prefix + key, ...publication });
  console.log(key, result ?? "refused", topic ?? "", offset ?? deliverAt ?? "", code ? `${code} ${detail}` : "");
}

// A critical alert: priority 8 or 9 takes the urgent lane, and a person must accept it. The tenant is the token's.
await publish("lab-result:81723", {
  target: person, kind: "notification", priority: 9,
  content: { title: "Potassium 6.9 mmol/l", body: "Please look at once.", reference: "lab/81723" },
});

// Later, and of no use an hour after that. Times are milliseconds since 1970.
await publish("reminder:4711", {
  target: person, kind: "notification", deliverAt: remindAt, expires: remindAt + 3_600_000, content: { title: "Time for your tablets" },
});

// A line in a conversation, said by the system.
if (process.env.HOLI_CONVERSATION) {
  await publish("lab-result:81723:line", {
    target: `conversation/${process.env.HOLI_CONVERSATION}`, kind: "message.post", content: { text: "A lab result has come: lab/81723" },
  });
}

// Scheduled, and taken back in time.
await publish("appointment:99", { target: person, kind: "notification", deliverAt: remindAt, content: { title: "Your appointment" } });
console.log((await call("DELETE", `/v1/publish/${prefix}appointment:99`)).result);
