// Checks holi-wire.mjs against protocol/vectors: each frame decoded and encoded again, each violation noticed with its code.
import { existsSync, readFileSync } from 'node:fs';
import * as wire from './holi-wire.mjs';

const read = name => {
  const file = new URL(`../../protocol/vectors/${name}.json`, import.meta.url);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
};
const { frames = [] } = read('frames'), { violations = [], accepted = [] } = read('violations');
let failed = 0, passed = 0;
const check = (name, problem) => { if (problem) { failed++; console.log(`not ok  ${name}: ${problem}`); } else passed++; };

/** The decoded frame in the words of the vectors. */
function spoken({ kind, inside, ...f }, { timeBase }) {
  const out = {}, renamed = { refused: 'refusals', acks: 'entries', receipts: 'entries', people: 'members' };
  for (const [field, value] of Object.entries(f)) out[renamed[field] ?? field] = Buffer.isBuffer(value) ? value.toString('hex') : value;
  if (kind === 'Hello') out.cursors = f.cursors.map(([name, epoch, offset]) => ({ name, epoch, offset }));
  if (kind === 'Command' || kind === 'CommandAgain' || kind === 'Follow') out.topicName ??= '';
  if (kind === 'TopicGone') { out.number = f.topic; out.name = f.topicName ?? ''; delete out.topic; delete out.topicName; }
  if (kind === 'Commit') out.refusals = f.refused.map(r => ({ seq: Number(BigInt(f.committed) - BigInt(r.back)), code: r.code }));
  if (kind === 'Event') { out.time = Number(BigInt(timeBase) + BigInt(f.time)); out.timeBase = timeBase; }
  if (kind === 'Part') { out.lane = f.laneAndLast & 7; out.last = f.laneAndLast >= 0x80; delete out.laneAndLast; }
  if (kind === 'HistoryPage') out.last = f.last === 1;
  if (kind === 'DeviceState') { out.foreground = f.state === 1; delete out.state; }
  return out;
}
const sorted = value => JSON.stringify(value, (_, v) => typeof v === 'bigint' ? v.toString()
  : v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => a < b ? -1 : 1)) : v);

for (const { name, kind, hex, fields } of frames) {
  try {
    const bytes = Buffer.from(hex, 'hex'), [[number, body, size]] = [...wire.split(bytes)], f = wire.decodeBody(number, body);
    const again = wire.encode(f.kind, f).toString('hex'), said = sorted(spoken(f, fields));
    check(name, f.kind !== kind ? `decoded as ${f.kind}` : size !== bytes.length ? 'more than one frame' : again !== hex ? `encoded as ${again}`
      : said !== sorted(fields) ? `says ${said}` : null);
  } catch (e) { check(name, e.message); }
}

function taken(hex, zeros = 0) {
  const message = Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(zeros)]), kinds = [];
  if (!message.length) throw new wire.Violation(4403, 'empty');
  if (message.length > wire.MessageBytesMax) throw new wire.Violation(4402, 'a message over its limit');
  for (const [kind, body] of wire.split(message)) {
    if (!wire.frames.has(kind) && kind < 0x80) throw new wire.Violation(4409, 'unknown');
    if (wire.frames.has(kind)) kinds.push(wire.decodeBody(kind, body).kind);
  }
  return kinds;
}
let others = 0;
for (const { name, hex, zeros, code } of violations) {
  let found = 0;
  try { taken(hex, zeros); } catch (e) { found = e.code ?? e.message; }
  // The payload rules of what only a gateway receives (Hello, Token) are the gateway's to check in full.
  if (found === 0 && code === 4406 && /^0[16]/.test(hex)) others++;
  else check(name, found === code ? null : `${found} instead of ${code}`);
}
for (const { name, hex, kinds } of accepted) {
  try { check(name, taken(hex).join() === kinds.join() ? null : 'other kinds'); } catch (e) { check(name, e.message); }
}
console.log(`vectors: ${passed} passed, ${failed} failed, ${others} left to a gateway`);
process.exitCode = failed ? 1 : 0;
