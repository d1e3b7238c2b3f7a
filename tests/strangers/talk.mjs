// Drives holi-client.mjs by lines of JSON: one operation a line on stdin, one happening a line on stdout.
//
//   {"op":"connect","url":"ws://127.0.0.1:8080/v1/ws","token":"…","device":"d1"}   also backlog, bulkCredit, reconnect
//   {"op":"create","id":"abc","title":"Ward 3","members":[["bob",1]]}             the topic is then conversation/abc
//   {"op":"post","topic":"conversation/abc","text":"hello","replyTo":3}
//   {"op":"command","topic":"conversation/abc","type":13,"payload":["new title"]}  any command of §8.8
//   {"op":"read","topic":"…","offset":7}   {"op":"history","topic":"…","before":0,"count":50}
//   {"op":"watch","topic":"…","mode":1}    {"op":"typing","topic":"…","on":true}   {"op":"background","yes":true}
//   {"op":"follow","topic":"…"}            {"op":"unfollow","topic":"…"}           {"op":"token","token":"…"}
//   {"op":"cut"}       kills the socket and stays away      {"op":"resume"}   connects again with what is stored (token, url may change)
//   {"op":"save"}      keeps a copy of the store            {"op":"restore"}  goes back to it: a restored backup
//   {"op":"state"}     prints the store and the connection  {"op":"quit"}     closes and ends; so does the end of stdin
//
// A "ref" in an operation comes back in its {"ev":"done"|"failed"} line. Other lines: welcome, topic, gone, event, skip, complete,
// current, commit, refused, history, roster, receipts, signal, token, goaway, error, trouble, closed.
import { createInterface } from 'node:readline';
import { HoliClient, newStore } from './holi-client.mjs';

const print = line => process.stdout.write(JSON.stringify(line, (_, v) =>
  typeof v === 'bigint' ? v.toString() : v?.type === 'Buffer' ? Buffer.from(v.data).toString('hex') : v) + '\n');

let client, saved;
const copy = s => ({ ...s, pending: s.pending.map(c => ({ ...c })), topics: new Map([...s.topics].map(([n, t]) => [n, { ...t, events: [...t.events] }])) });

const operations = {
  connect({ url, token, device, backlog, bulkCredit, reconnect = false }) {
    client = new HoliClient({ url, token, store: newStore(device), backlog, bulkCredit, reconnect });
    for (const ev of ['welcome', 'topic', 'gone', 'event', 'skip', 'complete', 'current', 'commit', 'refused', 'roster', 'receipts', 'signal', 'token',
      'goaway', 'closed']) client.on(ev, x => print({ ev, ...x }));
    client.on('error-frame', x => print({ ev: 'error', ...x }));
    client.on('trouble', message => print({ ev: 'trouble', message }));
    client.connect();
  },
  create: o => ({ seq: client.create(`conversation/${o.id}`, o.title, o.members ?? []), topic: `conversation/${o.id}` }),
  post: o => ({ seq: client.post(o.topic, o.text, o.replyTo) }),
  command: o => ({ seq: client.command(o.topic, o.type, o.payload) }),
  read: o => ({ seq: client.readMark(o.topic, o.offset) }),
  async history(o) { print({ ev: 'history', ...await client.history(o.topic, o.before, o.count) }); },
  watch: o => client.watch(o.topic, o.mode ?? 1),
  typing: o => client.typing(o.topic, o.on ?? true),
  background: o => client.background(o.yes ?? true),
  follow: o => client.follow(o.topic),
  unfollow: o => client.unfollow(o.topic),
  token: o => client.refreshToken(o.token),
  cut: () => client.cut(),
  resume(o) { Object.assign(client, { token: o.token ?? client.token, url: o.url ?? client.url }); client.connect(); },
  save() { saved = copy(client.store); },
  restore() { client.store = copy(saved); },
  state() {
    const { topics, pending, ...numbers } = client.store;
    print({
      ev: 'state', connection: client.state, ...numbers, pending: pending.map(({ seq, topicName, type, firstGeneration, firstSeq }) =>
        ({ seq, topic: topicName, type, firstGeneration, firstSeq })), topics: Object.fromEntries(topics),
    });
  },
  quit() { client?.close(); setTimeout(() => process.exit(0), 200); },
};

const input = createInterface({ input: process.stdin });
input.on('line', async line => {
  if (!line.trim()) return;
  let o = {};
  try {
    o = JSON.parse(line);
    if (!Object.hasOwn(operations, o.op)) throw new Error(`no such operation: ${o.op}`);
    print({ ev: 'done', op: o.op, ref: o.ref, ...await operations[o.op](o) });
  } catch (e) {
    print({ ev: 'failed', op: o.op, ref: o.ref, error: e.message, code: e.code });
  }
});
input.on('close', () => operations.quit());
