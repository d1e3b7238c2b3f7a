// The other side of the MessagePack checks: npm's @msgpack/msgpack, asked line by line.
//   in:  {"encode": VALUE, "wide": bool, "float32": bool}   out: {"hex": "…"}
//   in:  {"decode": "hex"}                                  out: {"value": VALUE}
//   out, where the package refuses:                         {"error": "…"}
// A VALUE names its kind, since JSON cannot tell 1 from 1.0 nor text from bytes: ["nil"], ["bool", true], ["int", "-5"],
// ["float", "hex of the 64 bits, or nan"], ["text", "…"], ["bytes", "hex"], ["array", [VALUE …]], ["map", [[VALUE, VALUE] …]].
import { createInterface } from 'node:readline'
import { decode, encode } from '@msgpack/msgpack'

function floatToHex(number) {
  if (Number.isNaN(number)) return 'nan'
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(number)
  return bytes.toString('hex')
}

const hexToFloat = (hex) => (hex === 'nan' ? Number.NaN : Buffer.from(hex, 'hex').readDoubleBE())

// The package writes a BigInt in eight bytes and a number in as few as it takes; with BigInts it takes numbers only up to 32 bits.
function toNumber(decimal, wide) {
  const number = BigInt(decimal)
  const small = number >= -(2n ** 31n) && number < 2n ** 32n
  return small && !wide ? Number(number) : number
}

function fromTagged([kind, content], wide) {
  switch (kind) {
    case 'nil': return null
    case 'bool': return content
    case 'int': return toNumber(content, wide)
    case 'float': return hexToFloat(content)
    case 'text': return content
    case 'bytes': return new Uint8Array(Buffer.from(content, 'hex'))
    case 'array': return content.map((each) => fromTagged(each, wide))
    case 'map': return Object.fromEntries(content.map(([key, each]) => [fromTagged(key, wide), fromTagged(each, wide)]))
    default: throw new Error(`no such kind: ${kind}`)
  }
}

function toTagged(value) {
  if (value === null) return ['nil']
  if (typeof value === 'boolean') return ['bool', value]
  if (typeof value === 'bigint') return ['int', value.toString()]
  if (typeof value === 'number') {
    const isInteger = Number.isInteger(value) && !Object.is(value, -0)
    return isInteger ? ['int', String(value)] : ['float', floatToHex(value)]
  }
  if (typeof value === 'string') return ['text', value]
  if (value instanceof Uint8Array) return ['bytes', Buffer.from(value).toString('hex')]
  if (Array.isArray(value)) return ['array', value.map(toTagged)]
  return ['map', Object.entries(value).map(([key, each]) => [['text', key], toTagged(each)])]
}

function answer(question) {
  if (question.decode !== undefined) {
    return { value: toTagged(decode(Buffer.from(question.decode, 'hex'), { useBigInt64: true })) }
  }
  const value = fromTagged(question.encode, question.wide)
  const bytes = encode(value, { useBigInt64: true, forceFloat32: question.float32 })
  return { hex: Buffer.from(bytes).toString('hex') }
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply
  try {
    reply = answer(JSON.parse(line))
  } catch (error) {
    reply = { error: String(error) }
  }
  process.stdout.write(JSON.stringify(reply) + '\n')
}
