// A device of holi.v1, written by someone who read protocol/holi.v1.md and nothing else. One file for the bytes (holi-wire.mjs),
// this one for what a device does. What it must keep lives in `store`; a real device would keep it on disk.
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import * as wire from './holi-wire.mjs';

const require = createRequire(new URL('../js/package.json', import.meta.url));
const WebSocket = require('ws');
const { Violation, pack, unpack, roll, lanes } = wire;
const now = () => Date.now();

export const types = {
  post: 0, readMark: 1, react: 2, edit: 3, delete: 4, create: 8, memberAdd: 9, memberRemove: 10, memberRole: 11, leave: 12, rename: 13,
};

/** What a device owns: its numbers (§1), its unanswered commands, what it has stored of each topic. */
export const newStore = device => ({ device, generation: 0, lastAssigned: 0, known: 0, digest: wire.D0, pending: [], topics: new Map() });

export class HoliClient extends EventEmitter {
  constructor({ url, token, store, backlog = 50, bulkCredit = 262_144, reconnect = true }) {
    super();
    Object.assign(this, { url, token, store, backlog, bulkCredit, reconnect, state: 'waiting', failures: 0, requests: new Map(), lastRequest: 0 });
  }

  // ---- opening (§6) -------------------------------------------------------------------------------------------------------------

  connect() {
    clearTimeout(this.retry);
    this.stopped = false;
    this.state = 'connecting';
    const socket = this.socket = new WebSocket(this.url, ['holi.v1'], { perMessageDeflate: false, maxPayload: wire.MessageBytesMax });
    // All of this is one connection's and starts anew with the next.
    Object.assign(this, {
      numbers: new Map(), byName: new Map(), assembler: new wire.Assembler(), owed: 0, acks: new Map(),
      sentSeq: this.store.known, window: [], goAway: null, welcome: null, resync: false, lastSent: now(), lastHeard: now(), pingAt: 0,
    });
    socket.binaryType = 'nodebuffer';
    socket.on('open', () => this.socket === socket && this.hello());
    socket.on('message', (data, binary) => this.socket === socket && this.message(data, binary));
    socket.on('error', e => this.emit('trouble', e.message)); // 'close' follows
    socket.on('close', (code, reason) => this.socket === socket && this.closed(code, reason.toString()));
    this.opening = setTimeout(() => socket.terminate(), 10_000);
    this.heartbeat = setInterval(() => this.beat(), 1000);
  }

  hello() {
    const s = this.store, fresh = s.generation === 0;
    const cursors = [...s.topics].filter(([, t]) => t.offset > 0).map(([name, t]) => [name, t.epoch, t.offset]);
    const fields = {
      minor: 0, token: this.token, device: s.device, generation: s.generation, lastAssigned: fresh ? 0 : s.lastAssigned, known: s.known, digest: s.digest,
      backlog: this.backlog, cursors, bulkCredit: this.bulkCredit, audioCredit: 0, client: 'stranger/1',
    };
    // More cursors than a Hello holds: nothing is sent until Follow, which then follows each announced topic with its cursor.
    this.byFollow = wire.encodeBody('Hello', fields).length > wire.PartBytesMax;
    if (this.byFollow) Object.assign(fields, { backlog: -1, cursors: [] });
    this.state = 'opening';
    let bytes = this.send('Hello', fields);
    // Pipelining: by name, from known + 1, whole frames only, 16,388 bytes in all with Hello.
    for (const c of fresh ? [] : s.pending) {
      const frames = this.commandFrames(c);
      if (frames.length > 1 || (bytes += frames[0].length) > 16_388) break;
      this.sendCommand(c, frames);
    }
  }

  onWelcome(f) {
    const { generation, committed, digest, user, topics } = f, s = this.store;
    if (s.generation === 0) {
      s.generation = generation; // with committed 0: what waits gets its seqs in this generation
      s.pending.forEach((c, i) => { c.seq = i + 1; });
      s.lastAssigned = s.pending.length;
    }
    const mine = s.pending.filter(c => c.seq <= committed).reduce(roll, s.digest);
    if (generation !== s.generation || committed < s.known || committed > s.lastAssigned || !mine.equals(digest)) return this.forked();
    clearTimeout(this.opening);
    Object.assign(this, { state: 'ready', failures: 0, welcome: f });
    this.sentSeq = Math.max(this.sentSeq, committed);
    this.emit('welcome', { generation, committed, user, topics });
    this.pump(); // `known` itself moves only with the Commit that follows: it names the refused ones
  }

  /** §6.4: give up the generation; every command without an answer keeps its first identity. */
  newGeneration() {
    const s = this.store;
    for (const c of s.pending) {
      if (s.generation && !c.firstGeneration) Object.assign(c, { firstGeneration: s.generation, firstSeq: c.seq });
    }
    Object.assign(s, { generation: 0, known: 0, digest: wire.D0 });
  }

  forked() {
    this.newGeneration();
    this.failWith(new Violation(4300, 'the digests differ'));
  }

  // ---- sending ------------------------------------------------------------------------------------------------------------------

  raw(bytes) { this.socket.send(bytes); this.lastSent = now(); return bytes.length; }
  send(name, fields) { return this.raw(wire.encode(name, fields)); }
  topicNumber(name) { return this.byName.get(name)?.number; }
  need(name) {
    if (this.state !== 'ready' || !this.topicNumber(name)) throw new Error(`not announced on this connection: ${name}`);
    return this.topicNumber(name);
  }

  /** A command: stored with its seq first, then sent when the connection and its window allow. */
  command(topicName, type, fields) {
    const c = { seq: ++this.store.lastAssigned, topicName, type, payload: pack(fields) };
    this.store.pending.push(c);
    this.pump();
    return c.seq;
  }

  commandFrames(c) {
    const topic = this.topicNumber(c.topicName) ?? 0;
    return wire.cut(c.firstGeneration ? 'CommandAgain' : 'Command', { ...c, topic }, lanes.interactive);
  }

  sendCommand(c, frames = this.commandFrames(c)) {
    const bytes = frames.reduce((sum, x) => sum + x.length, 0);
    frames.forEach(x => this.raw(x));
    this.sentSeq = c.seq;
    this.window.push({ seq: c.seq, bytes });
  }

  pump() {
    if (this.state !== 'ready' || this.goAway) return;
    const [count = 1, bytes = 65_536] = this.welcome.limits;
    for (const c of this.store.pending.filter(x => x.seq > this.sentSeq)) {
      const frames = this.commandFrames(c), size = frames.reduce((sum, x) => sum + x.length, 0);
      if (this.window.length >= count || this.window.reduce((sum, x) => sum + x.bytes, size) > bytes) return;
      this.sendCommand(c, frames);
    }
  }

  post(topic, text, replyTo = null) { return this.command(topic, types.post, [text, replyTo, null, this.state === 'ready' ? null : now()]); }
  create(topic, title, members) { return this.command(topic, types.create, [title, members]); }
  readMark(topic, offset) { return this.command(topic, types.readMark, [offset]); }
  typing(topic, on) { this.send('Signal', { topic: this.need(topic), type: 1, payload: pack([on]) }); }
  watch(topic, mode) { this.send('Watch', { topic: this.need(topic), mode }); }
  unfollow(topic) { this.send('Unfollow', { topic: this.need(topic) }); }
  follow(topicName) {
    const t = this.store.topics.get(topicName) ?? { epoch: 0, offset: 0 };
    this.send('Follow', { topic: this.topicNumber(topicName) ?? 0, topicName, epoch: t.epoch, offset: t.offset, backlog: Math.max(0, this.backlog) });
  }
  background(yes) { this.send('DeviceState', { state: yes ? 0 : 1 }); }
  refreshToken(token) { this.token = token; this.send('Token', { token }); }
  history(topic, before = 0, count = 50) {
    const request = ++this.lastRequest, number = this.need(topic);
    return new Promise((resolve, reject) => {
      this.requests.set(request, { resolve, reject });
      this.send('HistoryRequest', { request, topic: number, before, count });
    });
  }

  // ---- receiving ----------------------------------------------------------------------------------------------------------------

  message(data, binary) {
    this.lastHeard = now();
    try {
      if (!binary) throw new Violation(4401, 'a text message');
      if (!data.length) throw new Violation(4403, 'an empty message');
      for (const [kind, body, size] of wire.split(data)) this.oneFrame(kind, body, size);
    } catch (e) {
      return this.failWith(e);
    }
    this.settle();
  }

  oneFrame(kind, body, size, lane = null) {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (!wire.frames.has(kind)) {
      if (kind & 0x80) return;
      throw new Violation(4409, `unknown kind ${kind}`);
    }
    const f = wire.decodeBody(kind, body), handler = this[`on${f.kind}`];
    if (!handler || (this.state === 'opening') !== (f.kind === 'Welcome')) throw new Violation(4410, f.kind);
    if (f.kind === 'Part') return this.onPart(f, size);
    if (lane === null && this.isBulk(f)) this.owed += size; // parts have been counted one by one
    handler.call(this, f);
  }

  onPart(f, size) {
    const lane = f.laneAndLast & 7;
    if (lane === lanes.bulk) this.owed += size;
    const whole = this.assembler.add(f.laneAndLast, f.bytes);
    if (whole) this.oneFrame(...whole, 0, lane);
  }

  /** §5.3 */
  isBulk(f) {
    if (f.kind === 'HistoryPage' || f.kind === 'Snapshot') return true;
    const t = ['Event', 'Skip', 'Complete'].includes(f.kind) && this.numbers.get(f.topic);
    return Boolean(t) && !t.complete && !t.name.startsWith('alert/');
  }

  /** After each message, when what it brought is stored: acknowledge it and give its credit back. */
  settle() {
    if (this.state !== 'ready' || this.socket.readyState !== WebSocket.OPEN) return;
    if (this.acks.size) this.send('Ack', { acks: [...this.acks].map(([topic, offset]) => ({ topic, offset })) });
    this.acks.clear();
    // At once, so that the gateway hears how fast the link is (§5.4).
    if (this.owed > 0) {
      this.send('Credit', { lane: lanes.bulk, bytes: this.owed });
      this.owed = 0;
    }
  }

  onCommit({ committed, refused }) {
    const s = this.store, codes = new Map(refused.map(r => [committed - r.back, r.code]));
    for (; s.pending.length && s.pending[0].seq <= committed; s.pending.shift()) {
      const c = s.pending[0];
      s.digest = roll(s.digest, c);
      s.known = c.seq;
      if (codes.has(c.seq)) this.emit('refused', { seq: c.seq, code: codes.get(c.seq), topic: c.topicName, type: c.type });
    }
    this.window = this.window.filter(x => x.seq > committed);
    if (this.resync) Object.assign(this, { resync: false, sentSeq: committed, window: [] });
    this.emit('commit', { committed });
    this.pump();
  }

  onError({ code, request, topic, seq }) {
    if (code === 4302) this.resync = true; // the Commit behind it says where to resume
    const waiting = this.requests.get(request);
    this.requests.delete(request);
    waiting?.reject(Object.assign(new Error(`refused with ${code}`), { code }));
    this.emit('error-frame', { code, request, topic: this.numbers.get(topic)?.name ?? null, seq });
  }

  onTopic(f) {
    const { kind, number, name, ...rest } = f, { epoch, role, member } = rest;
    const held = this.store.topics.get(name);
    if (!held || held.epoch !== epoch) this.store.topics.set(name, { epoch, offset: 0, events: [] });
    const t = { number, name, epoch, complete: false, role, member };
    const again = this.numbers.has(number);
    this.numbers.set(number, t);
    this.byName.set(name, t);
    if (this.byFollow && !again) this.follow(name);
    this.emit('topic', { topic: name, ...rest, reset: Boolean(held && held.epoch !== epoch) });
  }

  onTopicGone({ topic, topicName, code }) {
    const name = topic ? this.known(topic).name : topicName;
    this.byName.delete(name);
    if (topic) this.known(topic).gone = true;
    this.emit('gone', { topic: name, code });
  }

  known(number) {
    const t = this.numbers.get(number);
    if (!t) throw new Violation(4413, `topic number ${number}`);
    return t;
  }

  toEvent(f, base = this.welcome.timeBase) {
    return { offset: f.offset, time: base + f.time, member: f.member, type: f.type, payload: unpack(f.payload) };
  }

  onEvent(f) {
    const t = this.known(f.topic), held = this.store.topics.get(t.name);
    if (f.offset !== held.offset + 1) throw new Violation(4417, `${t.name}: ${f.offset} after ${held.offset}`);
    const event = this.toEvent(f);
    held.events.push(event);
    held.offset = f.offset;
    this.acks.set(f.topic, f.offset);
    this.emit('event', { topic: t.name, ...event });
  }

  onSkip(f) {
    const t = this.known(f.topic), held = this.store.topics.get(t.name);
    if (f.through <= held.offset) return;
    this.emit('skip', { topic: t.name, after: held.offset, through: f.through, reason: f.reason });
    held.offset = f.through;
    this.acks.set(f.topic, f.through);
  }

  onComplete(f) {
    if (f.topic === 0) return this.emit('current', { time: f.time });
    const t = this.known(f.topic), held = this.store.topics.get(t.name);
    if (held.offset !== f.offset) throw new Violation(4417, `${t.name}: complete at ${f.offset}, but ${held.offset} held`);
    t.complete = true;
    this.emit('complete', { topic: t.name, offset: f.offset, time: f.time });
  }

  onHistoryPage(f) {
    const page = f.inside.map(x => x.kind === 'Skip' ? { skipThrough: x.through, reason: x.reason } : this.toEvent(x));
    this.requests.get(f.request)?.resolve({ topic: this.known(f.topic).name, last: f.last === 1, events: page });
    this.requests.delete(f.request);
  }

  onRoster(f) {
    this.emit('roster', { topic: this.known(f.topic).name, people: f.people });
  }
  onReceipts(f) { this.emit('receipts', { topic: this.known(f.topic).name, receipts: f.receipts }); }
  onPeerSignal(f) {
    const name = { 1: 'typing', 2: 'presence' }[f.type] ?? `signal-${f.type}`;
    this.emit('signal', { signal: name, topic: this.known(f.topic).name, member: f.member, ttl: f.ttl, payload: unpack(f.payload) });
  }
  onPing({ nonce }) { this.send('Pong', { nonce, time: now() }); }
  onPong() { this.pingAt = 0; }
  onCredit() { /* a device without recordings sends nothing that is under credit */ }
  onTokenAccepted({ expires }) { this.emit('token', { expires }); }
  onGoAway(f) { this.goAway = f; this.emit('goaway', { code: f.code, retryAfter: f.retryAfter, spread: f.spread }); }

  // ---- keeping a connection, losing it (§11, §12) -------------------------------------------------------------------------------

  beat() {
    if (this.state !== 'ready') return;
    if (this.pingAt && now() - this.pingAt > 10_000 && this.lastHeard < this.pingAt) return this.socket.terminate();
    if (Math.max(now() - this.lastSent, now() - this.lastHeard) > this.welcome.heartbeat - 1500 && !this.pingAt) {
      this.pingAt = now();
      this.send('Ping', { nonce: now() });
    }
  }

  failWith(e) {
    this.emit('trouble', e.message);
    const socket = this.socket;
    socket.close(e.code >= 4000 ? e.code : 4417);
    setTimeout(() => socket.terminate(), 1000).unref();
  }

  cut() { this.stopped = true; this.socket.terminate(); }
  close() { this.stopped = true; this.socket.close(1000); }

  closed(code, reason) {
    clearTimeout(this.opening);
    clearInterval(this.heartbeat);
    this.state = 'waiting';
    for (const { reject } of this.requests.values()) reject(new Error('the connection is gone'));
    this.requests.clear();
    if (code === 4300 || code === 4301) this.newGeneration();
    const range = Math.floor(code / 100), g = this.goAway;
    const backoff = Math.random() * Math.min(30_000, 250 * 2 ** this.failures++);
    const wait = this.stopped || !this.reconnect || range === 45 || range === 42 ? null // 42xx: the app brings a token and connects
      : g ? g.retryAfter + Math.random() * g.spread : range === 43 || range === 40 ? 0 : range === 44 ? 30_000 + backoff : backoff;
    this.emit('closed', { code, reason, again: wait === null ? null : Math.round(wait) });
    if (wait !== null) this.retry = setTimeout(() => this.connect(), wait);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.includes('--vectors')) await import('./vectors.mjs');
  else console.log('usage: node holi-client.mjs --vectors   (to talk: node talk.mjs)');
}
