// Tries a gateway's WebSocket with Node's `ws`. Reads JSON: url, and three messages of holi.v1 in hex (hello, question, largest). Prints JSON: what it
// found. Whoever calls says what should be found.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const WebSocket = createRequire(new URL('../js/package.json', import.meta.url))('ws');
const { url, ...hex } = JSON.parse(readFileSync(0));
const [hello, question, largest] = [hex.hello, hex.question, hex.largest].map(h => Buffer.from(h, 'hex'));
const PONG = 0x04; // a frame of holi.v1

// Opens, says Hello, and hears Welcome. `heard(n)` waits until so many questions were answered.
async function open() {
  const socket = new WebSocket(url, ['holi.v1']); // offers permessage-deflate, as everybody does
  let answers = 0, changed = () => {}, welcomed;
  const welcome = new Promise(resolve => { welcomed = resolve; });
  socket.on('message', (data, isBinary) => {
    welcomed();
    if (isBinary && data[0] === PONG) answers++;
    changed();
  });
  const closed = new Promise(resolve => socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })));
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  socket.send(hello);
  await welcome;
  const heard = n => new Promise(resolve => { (changed = () => answers >= n && resolve())(); });
  return { socket, heard, closed, answers: () => answers };
}

const first = await open();
first.socket.send(question);
await first.heard(1);
// Fragments, with a ping and a pong between them.
const pong = new Promise(resolve => first.socket.on('pong', data => resolve(data.toString())));
first.socket.send(question.subarray(0, 1), { fin: false });
first.socket.ping('between');
first.socket.pong('unasked');
for (let i = 1; i < question.length - 1; i++) first.socket.send(question.subarray(i, i + 1), { fin: false });
first.socket.send(question.subarray(-1), { fin: true });
await first.heard(2);
first.socket.send(largest);
await first.heard(3);
const ponged = await pong;
first.socket.close(1000, 'bye');
const closed = await first.closed;

const second = await open();
second.socket.send('text');
const refused = await second.closed;

console.log(JSON.stringify({
  subprotocol: first.socket.protocol, extensions: first.socket.extensions, answers: first.answers(), pong: ponged,
  closed: closed.code, refused: refused.code, reason: refused.reason,
}));
