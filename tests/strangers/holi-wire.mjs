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

// §4 and the sections it names. Fields: name:form, with v varint, z zigzag, b u8, t text, p payload, r the rest as bytes;
// `target`, `origin` and `ref` are the three fields with optional companions; `name*a,b` is zero or more pairs.
const table = `
  01 Hello payload:p                         | 02 Welcome payload:p
  03 Ping nonce:v                            | 04 Pong nonce:v time:v
  05 GoAway code:v retryAfter:v spread:v     | 06 Token payload:p
  07 TokenAccepted expires:v                 | 08 Credit lane:b bytes:v
  09 Part laneAndLast:b bytes:r              | 0A Error code:v request:v topic:v seq:v
  10 Command seq:v target payload:p          | 11 CommandAgain seq:v firstGeneration:v firstSeq:v target payload:p
  12 Commit committed:v refused*back,code    | 13 Event topic:v offset:v time:z origin payload:p
  14 Skip topic:v through:v reason:b         | 15 Ack acks*topic,offset
  16 Topic payload:p                         | 17 TopicGone ref code:v
  18 Complete topic:v offset:v time:v        | 19 Follow ref epoch:v offset:v backlog:v
  1A Unfollow topic:v                        | 1B Watch topic:v mode:b
  1C Roster topic:v payload:p                | 1D Receipts topic:v receipts*member,delivered,read
  1E HistoryRequest request:v topic:v before:v count:v
  1F HistoryPage request:v topic:v last:b frames:r
  20 SnapshotRequest request:v topic:v have:v
  21 Snapshot request:v topic:v asOf:v encoding:b payload:p
  30 RecordingOpen recording:v id:t topicName:t codec:b sampleRate:v channels:b
  31 RecordingState recording:v stored:v state:b code:v
  32 Chunk recording:v chunk:v sample:v bytes:r
  33 RecordingEnd recording:v chunks:v       | 34 RecordingGap recording:v chunk:v fromSample:v toSample:v
  80 Signal topic:v type:v payload:p         | 81 PeerSignal topic:v type:v member:v ttl:v payload:p
  82 DeviceState state:b`;

export const frames = new Map(), kindOf = new Map();
for (const entry of table.split(/\||\n/).map(s => s.trim()).filter(Boolean)) {
  const [kind, name, ...fields] = entry.split(/\s+/);
  frames.set(parseInt(kind, 16), { name, fields: fields.map(f => f.split(/(?=[:*])/)) });
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
  t() {
    const bytes = this.take(this.v());
    try { const text = utf8.decode(bytes); if (!text.includes('\0')) return text; } catch { /* said below */ }
    throw new Violation(4405, 'bad text');
  }
  r() { return this.take(this.left); }
  p() { return this.r(); }
}

export function varint(value) {
  const bytes = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
const text = value => { const bytes = Buffer.from(value, 'utf8'); return Buffer.concat([varint(bytes.length), bytes]); };
const write = {
  v: varint, t: text, r: x => x, p: x => x, b: x => Buffer.from([x]),
  z: x => { const n = BigInt(x); return varint(BigInt.asUintN(64, (n << 1n) ^ (n >> 63n))); },
};
const eightfold = (number, type) => varint(BigInt(number) * 8n + (type < 7 ? BigInt(type) : 7n));

export const pack = array => msgpack.encode(array);
export function unpack(payload) {
  if (!payload.length) return [];
  let value;
  try { value = msgpack.decode(payload); } catch (e) { throw new Violation(4406, e.message); }
  if (!Array.isArray(value)) throw new Violation(4406, 'a payload is one array');
  return value;
}

/** A frame's body from its named fields. */
export function encodeBody(name, f) {
  return Buffer.concat(frames.get(kindOf.get(name)).fields.flatMap(([field, form]) => {
    if (form?.[0] === '*') return f[field].flatMap(row => form.slice(1).split(',').map(column => varint(row[column])));
    if (form) return [write[form[1]](f[field])];
    if (field === 'ref') return [varint(f.topic), ...(f.topic ? [] : [text(f.topicName)])];
    const number = field === 'target' ? f.topic : f.member;
    return [eightfold(number, f.type), ...(field === 'target' && !number ? [text(f.topicName)] : []), ...(f.type < 7 ? [] : [varint(f.type)])];
  }));
}

/** The named fields of a frame's body; nothing may be left over. */
export function decodeBody(kind, body) {
  const { name, fields } = frames.get(kind), read = new Reader(body), f = { kind: name };
  for (const [field, form] of fields) {
    if (form?.[0] === '*') {
      for (f[field] = []; read.left;) f[field].push(Object.fromEntries(form.slice(1).split(',').map(column => [column, read.v()])));
    } else if (form) {
      f[field] = read[form[1]]();
    } else if (field === 'ref') {
      f.topic = read.v();
      if (!f.topic) f.topicName = read.t();
    } else {
      const both = BigInt(read.v()), number = narrow(both >> 3n);
      f[field === 'target' ? 'topic' : 'member'] = number;
      if (field === 'target' && !number) f.topicName = read.t();
      f.type = Number(both & 7n);
      if (f.type === 7) f.type = read.v();
      if (both % 8n === 7n && f.type < 7) throw new Violation(4417, 'a small type written long');
    }
  }
  if (read.left) throw new Violation(4408, 'bytes left over');
  return f;
}

export const frame = (kind, body) => Buffer.concat([Buffer.from([kind]), varint(body.length), body]);
export const encode = (name, fields) => frame(kindOf.get(name), encodeBody(name, fields));

/** The frames of one message: [kind, body, size with header]. */
export function* split(message) {
  const read = new Reader(message);
  while (read.left) {
    const start = read.at, kind = read.b(), body = read.take(read.v());
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
    if (laneAndLast & 0x78 || lane > 4 || !bytes.length) throw new Violation(4411, 'bad part');
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
