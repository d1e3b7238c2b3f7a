// The bytes of holi.v1, written from protocol/holi.v1.md alone: numbers, text, frames and their fields.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../js/package.json', import.meta.url));
export const msgpack = require('@msgpack/msgpack');

export const PartBytesMax = 16_384, FrameBytesMax = 262_144, MessageBytesMax = 65_536;
export const lanes = { control: 0, urgent: 1, interactive: 2, audio: 3, bulk: 4 };

/** A rule of the text that a peer broke; `code` is the close code of codes.md. */
export class Violation extends Error {
  constructor(code, message) { super(`${code} ${message}`); this.code = code; }
}

// §4 and the sections it names. Fields are name:form with v varint, z zigzag, t text, r the rest as bytes, p a payload that is kept
// as it travelled; n below 2^32, k below 2^16, o 1 or more, d a time, b a byte, b2 a byte of at most 2, t64 text of at most 64 bytes. `target`, `origin` and `ref`
// are the three fields with optional companions; name*a:v,b:v is zero or more groups, name+a:v,b:v one or more. `array` is a
// MessagePack array whose fields `shapes` names.
const table = `
  01 Hello array                                 | 02 Welcome array
  03 Ping nonce:v                                | 04 Pong nonce:v time:d
  05 GoAway code:k retryAfter:n spread:n         | 06 Token array
  07 TokenAccepted expires:d                     | 08 Credit lane:b bytes:v
  09 Part laneAndLast:b bytes:r                  | 0A Error code:k request:n topic:n seq:v
  10 Command seq:o target payload:p              | 11 CommandAgain seq:o firstGeneration:n firstSeq:o target payload:p
  12 Commit committed:v refused*back:v,code:k    | 13 Event topic:n offset:o time:z origin payload:p
  14 Skip topic:n through:v reason:b             | 15 Ack acks+topic:n,offset:v
  16 Topic array                                 | 17 TopicGone ref code:k
  18 Complete topic:n offset:v time:d            | 19 Follow ref epoch:v offset:v backlog:v
  1A Unfollow topic:n                            | 1B Watch topic:n mode:b2
  1C Roster topic:n array                        | 1D Receipts topic:n receipts+member:n,delivered:v,read:v
  1E HistoryRequest request:n topic:n before:v count:v
  1F HistoryPage request:n topic:n last:b1 frames:r
  20 SnapshotRequest request:n topic:n have:v
  21 Snapshot request:n topic:n asOf:v encoding:b0 payload:p
  30 RecordingOpen recording:n id:t64 topicName:t128 codec:b sampleRate:n channels:b
  31 RecordingState recording:n stored:v state:b2 code:k
  32 Chunk recording:n chunk:o sample:v bytes:r
  33 RecordingEnd recording:n chunks:v           | 34 RecordingGap recording:n chunk:o fromSample:v toSample:v
  80 Signal topic:n type:k payload:p             | 81 PeerSignal topic:n type:k member:n ttl:n payload:p
  82 DeviceState state:b1`;

// Positional fields of MessagePack arrays: name:form as above, with s a string, i an integer from -1, f a boolean, h 16 bytes, a an array;
// ? after the form: may be missing.
const shapes = Object.fromEntries(Object.entries({
  Hello: 'minor:n token:s device:s generation:n lastAssigned:v known:v digest:h backlog:i? cursors:a? bulkCredit:v? audioCredit:v? client:s? opening:v?',
  Welcome: 'minor:n generation:n committed:v digest:h time:d timeBase:d heartbeat:n tokenExpires:d user:s topics:n bulkCredit:v audioCredit:v limits:a features:a?',
  Token: 'token:s',
  Topic: 'number:n name:s epoch:v head:v first:v start:v read:v delivered:v role:n member:n title:s? members:n',
  Roster: 'member:n user:s role:n delivered:v read:v online:f lastSeen:d?',
}).map(([name, fields]) => [name, fields.split(' ').map(x => x.split(':'))]));

export const frames = new Map(), kindOf = new Map();
for (const entry of table.split(/\||\n/).map(s => s.trim()).filter(Boolean)) {
  const [kind, name, ...fields] = entry.split(/\s+/);
  frames.set(parseInt(kind, 16), { name, fields: fields.map(f => /^(\w+)(?:([:*+])(.*))?$/.exec(f).slice(1)) });
  kindOf.set(name, parseInt(kind, 16));
}

// Numbers are JavaScript numbers where they are exact and BigInt beyond 2^53.
const narrow = big => big <= BigInt(Number.MAX_SAFE_INTEGER) && big >= -BigInt(Number.MAX_SAFE_INTEGER) ? Number(big) : big;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Reader {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }
  get left() { return this.bytes.length - this.at; }
  take(n) {
    if (n > this.left) throw new Violation(4407, 'a field runs past its end');
    return this.bytes.subarray(this.at, this.at += Number(n));
  }
  b() { return this.take(1)[0]; }
  v() {
    let value = 0n;
    for (let i = 0; i < 9; i++) {
      if (!this.left) throw new Violation(4404, 'truncated varint');
      const byte = this.bytes[this.at++];
      value |= BigInt(byte & 127) << BigInt(7 * i);
      if (byte < 128) {
        if (byte === 0 && i > 0) throw new Violation(4404, 'varint not in its shortest form');
        return narrow(value);
      }
    }
    throw new Violation(4404, 'varint of more than 9 bytes');
  }
  z() { const n = BigInt(this.v()); return narrow((n >> 1n) ^ -(n & 1n)); }
  t(most = Infinity) {
    const length = this.v();
    if (length > most) throw new Violation(4405, 'a text over its limit');
    const bytes = this.take(length);
    try { const text = utf8.decode(bytes); if (!text.includes('\0')) return text; } catch { /* said below */ }
    throw new Violation(4405, 'bad text');
  }
  r() { return this.take(this.left); }
  p() { return this.r(); }
  n() { return within(this.v(), 0, 2 ** 32 - 1); }
  k() { return within(this.v(), 0, 2 ** 16 - 1); }
  o() { return within(this.v(), 1, Infinity); }
  d() { return within(this.v(), 0, TimeMax); }
  field(form) {
    const most = form.length > 1 ? Number(form.slice(1)) : Infinity;
    return form[0] === 't' ? this.t(most) : within(this[form[0]](), -Infinity, most);
  }
}

const TimeMax = 253_402_300_799_999;
function within(value, least, most) {
  if (value < least || value > most) throw new Violation(4417, `${value} is not from ${least} to ${most}`);
  return value;
}

export function varint(value) {
  const bytes = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
const text = value => { const bytes = Buffer.from(value, 'utf8'); return Buffer.concat([varint(bytes.length), bytes]); };
const write = {
  t: text, r: x => x, p: x => x, b: x => Buffer.from([x]),
  z: x => { const n = BigInt(x); return varint(BigInt.asUintN(64, (n << 1n) ^ (n >> 63n))); },
};
const put = (form, value) => (write[form[0]] ?? varint)(value);
const eightfold = (number, type) => varint(BigInt(number) * 8n + (type < 7 ? BigInt(type) : 7n));

// §3.1. The package makes every 64-bit integer a BigInt; here they are numbers again where that is exact, and back.
const each = (value, change) => value instanceof Uint8Array ? Buffer.from(value) : Array.isArray(value) ? value.map(x => each(x, change))
  : value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([k, x]) => [k, each(x, change)])) : change(value);
export const pack = array => Buffer.from(msgpack.encode(
  each(array, x => Number.isSafeInteger(x) && Math.abs(x) >= 2 ** 31 ? x < 2 ** 32 && x > 0 ? x : BigInt(x) : x), { useBigInt64: true }));
export function unpack(payload) {
  if (!payload.length) return [];
  const most = payload.length;
  const walk = (value, depth) => {
    if (depth > 16 || value instanceof msgpack.ExtData || value instanceof Date) throw new Error('too deep, or an extension');
    if (typeof value === 'string' && value.includes('\0')) throw new Error('U+0000');
    if (value && typeof value === 'object' && !(value instanceof Uint8Array)) Object.values(value).forEach(x => walk(x, depth + 1));
  };
  try {
    const value = msgpack.decode(payload, { useBigInt64: true, maxArrayLength: most, maxMapLength: most, maxStrLength: most, maxBinLength: most });
    if (!Array.isArray(value)) throw new Error('not an array');
    walk(value, 0);
    return each(value, x => typeof x === 'bigint' ? narrow(x) : x);
  } catch (e) {
    throw new Violation(4406, e.message);
  }
}

const whole = x => typeof x === 'bigint' || Number.isInteger(x);
const fits = {
  n: x => whole(x) && x >= 0 && x < 2 ** 32, v: x => whole(x) && x >= 0 && x < 2n ** 63n, d: x => whole(x) && x >= 0 && x <= TimeMax,
  i: x => whole(x) && x >= -1 && x < 2n ** 63n, s: x => typeof x === 'string', f: x => typeof x === 'boolean',
  h: x => x instanceof Uint8Array && x.length === 16, a: Array.isArray,
};
function named(name, array) {
  if (!Array.isArray(array)) throw new Violation(4406, `${name}: not an array`);
  return Object.fromEntries(shapes[name].map(([field, form], i) => {
    const value = array[i] ?? null;
    if (value === null ? !form.endsWith('?') : !fits[form[0]](value)) throw new Violation(4406, `${name}.${field}`);
    return [field, value];
  }));
}
const positional = (name, fields) => shapes[name].map(([field]) => fields[field] ?? null);

/** A frame's body from its named fields. */
export function encodeBody(name, f) {
  return Buffer.concat(frames.get(kindOf.get(name)).fields.flatMap(([field, how, form]) => {
    if (how === ':') return [put(form, f[field])];
    if (how) return f[field].flatMap(row => form.split(',').map(column => varint(row[column.split(':')[0]])));
    if (field === 'array') return [pack(name === 'Roster' ? f.people.map(row => positional(name, row)) : positional(name, f))];
    if (field === 'ref') return [varint(f.topic), ...(f.topic ? [] : [text(f.topicName)])];
    const number = field === 'target' ? f.topic : f.member;
    return [eightfold(number, f.type), ...(field === 'target' && !number ? [text(f.topicName)] : []), ...(f.type < 7 ? [] : [varint(f.type)])];
  }));
}

/** The named fields of a frame's body; nothing may be left over. */
export function decodeBody(kind, body) {
  const { name, fields } = frames.get(kind), read = new Reader(body), f = { kind: name };
  for (const [field, how, form] of fields) {
    if (how === ':') {
      f[field] = read.field(form);
    } else if (how) {
      const columns = form.split(',').map(column => column.split(':'));
      for (f[field] = []; read.left || (how === '+' && !f[field].length);) f[field].push(Object.fromEntries(columns.map(([c, x]) => [c, read.field(x)])));
    } else if (field === 'array') {
      const array = unpack(read.r());
      Object.assign(f, name === 'Roster' ? { people: array.map(row => named(name, row)) } : named(name, array));
    } else if (field === 'ref') {
      f.topic = read.n();
      if (!f.topic) f.topicName = read.t(128);
    } else {
      const both = BigInt(read.v());
      f[field === 'target' ? 'topic' : 'member'] = within(narrow(both >> 3n), 0, 2 ** 32 - 1);
      if (field === 'target' && both < 8n) f.topicName = read.t(128);
      f.type = both % 8n === 7n ? within(read.k(), 7, 65_535) : Number(both % 8n);
    }
  }
  if (read.left) throw new Violation(4408, 'bytes left over');
  rules[name]?.(f);
  return f;
}

// What a section says beyond the ranges.
const rules = {
  Credit: f => { within(f.lane, 3, 4); within(f.bytes, 0, 2 ** 31); },
  CommandAgain: f => within(f.firstGeneration, 1, 2 ** 32),
  Commit: f => f.refused.forEach(r => within(BigInt(f.committed) - BigInt(r.back), 1, Infinity)),
  HistoryRequest: f => { within(f.request, 1, 2 ** 32); within(f.count, 1, 500); },
  SnapshotRequest: f => within(f.request, 1, 2 ** 32),
  RecordingGap: f => within(f.toSample, f.fromSample, Infinity),
  RecordingOpen: f => { if (!f.id) throw new Violation(4405, 'recording id'); },
  Part: f => { if (f.laneAndLast & 0x78 || (f.laneAndLast & 7) > 4 || !f.bytes.length) throw new Violation(4411, 'bad part'); },
  Topic: f => { if (!f.number || f.role > 3) throw new Violation(4406, 'Topic'); },
  Event: f => { if (f.time < -TimeMax || f.time > TimeMax) throw new Violation(4417, 'time'); },
  HistoryPage: f => { f.inside = [...split(f.frames, FrameBytesMax)].filter(([kind]) => frames.has(kind) || kind < 0x80).map(([kind, body]) => {
    if (!['Event', 'Skip'].includes(frames.get(kind)?.name)) throw new Violation(4410, 'in a page');
    return decodeBody(kind, body);
  }); },
};

export const frame = (kind, body) => Buffer.concat([Buffer.from([kind]), varint(body.length), body]);
export const encode = (name, fields) => frame(kindOf.get(name), encodeBody(name, fields));

/** The frames of one message: [kind, body, size with header]. */
export function* split(message, most = PartBytesMax) {
  const read = new Reader(message);
  while (read.left) {
    const start = read.at, kind = read.b(), length = read.v();
    if (length > most) throw new Violation(4402, 'a body over its limit');
    const body = read.take(length);
    yield [kind, body, read.at - start];
  }
}

/** §5.2: one frame as it travels, in parts if its body is too large. */
export function cut(name, fields, lane) {
  const body = encodeBody(name, fields), whole = frame(kindOf.get(name), body);
  if (body.length <= PartBytesMax) return [whole];
  if (whole.length > FrameBytesMax) throw new Violation(4402, 'larger than FrameBytesMax');
  const parts = [];
  for (let at = 0; at < whole.length; at += PartBytesMax - 1) {
    const last = at + PartBytesMax - 1 >= whole.length;
    parts.push(encode('Part', { laneAndLast: lane | (last ? 0x80 : 0), bytes: whole.subarray(at, at + PartBytesMax - 1) }));
  }
  return parts;
}

/** §5.2: puts the parts of each lane together again; returns [kind, body] after the last one. */
export class Assembler {
  open = new Map();
  add(laneAndLast, bytes) {
    const lane = laneAndLast & 7, last = laneAndLast >= 0x80;
    let o = this.open.get(lane);
    if (!o) {
      const read = new Reader(bytes), kind = read.b(), length = read.v();
      if (kind === kindOf.get('Part')) throw new Violation(4411, 'a part inside a part');
      if (read.at + length > FrameBytesMax) throw new Violation(4402, 'too large in parts');
      this.open.set(lane, o = { kind, header: read.at, total: read.at + length, have: 0, pieces: [] });
    }
    o.pieces.push(bytes);
    o.have += bytes.length;
    if (last ? o.have !== o.total : o.have >= o.total) throw new Violation(4411, 'not the declared length');
    if (!last) return null;
    this.open.delete(lane);
    return [o.kind, Buffer.concat(o.pieces).subarray(o.header)];
  }
}

// §6.3
const sha256 = (...bytes) => createHash('sha256').update(Buffer.concat(bytes)).digest();
export const canonical = c => Buffer.concat([
  varint(c.seq), varint(c.firstGeneration ?? 0), varint(c.firstSeq ?? 0), varint(c.type), text(c.topicName), c.payload]);
export const D0 = Buffer.alloc(16);
export const roll = (digest, c) => sha256(digest, sha256(canonical(c))).subarray(0, 16);
