// Recomputes protocol/vectors/digest.json from the text of holi.v1.md §6.3 alone. Says "N commands agree" or names the first that does not.
//   node digest-check.mjs ../../protocol/vectors/digest.json
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest()

function varint(number) {
  let rest = BigInt(number)
  const bytes = []
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128)
  return Buffer.from([...bytes, Number(rest)])
}

function text(value) {
  const bytes = Buffer.from(value, 'utf8')
  return Buffer.concat([varint(bytes.length), bytes])
}

const { digest0, commands } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
let digest = Buffer.alloc(16)
if (digest.toString('hex') !== digest0) throw new Error('D0 is not 16 zero bytes')

for (const [index, c] of commands.entries()) {
  const canonical = Buffer.concat([
    varint(c.seq), varint(c.firstGeneration), varint(c.firstSeq), varint(c.type), text(c.topicName), Buffer.from(c.payload, 'hex'),
  ])
  const check = sha256(canonical)
  digest = sha256(digest, check).subarray(0, 16)
  for (const [name, bytes] of Object.entries({ canonical, check, digest })) {
    if (bytes.toString('hex') !== c[name]) {
      console.log(`command ${index} (${c.note}): ${name} should be ${bytes.toString('hex')}`)
      process.exit(1)
    }
  }
}
console.log(`${commands.length} commands agree`)
