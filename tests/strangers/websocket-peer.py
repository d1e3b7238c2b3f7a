"""Tries a gateway's WebSocket with Python's `websockets`. Reads JSON: url, and three messages of holi.v1 in hex (hello, question, largest). Prints
JSON: what it found. Whoever calls says what should be found."""
import asyncio
import json
import sys

import websockets

PONG = 0x04  # a frame of holi.v1
given = json.load(sys.stdin)
url, (hello, question, largest) = given["url"], (bytes.fromhex(given[name]) for name in ("hello", "question", "largest"))


async def connect():
    socket = await websockets.connect(url, subprotocols=["holi.v1"])  # offers permessage-deflate, as everybody does
    await socket.send(hello)
    await socket.recv()
    return socket


async def answered(socket):
    while True:
        message = await socket.recv()
        if isinstance(message, bytes) and message[0] == PONG:
            return 1


async def close_of(socket):
    try:
        while True:
            await socket.recv()
    except websockets.ConnectionClosed:
        return socket.close_code, socket.close_reason


async def main():
    first = await connect()
    await first.send(question)
    answers = await answered(first)
    await first.send([question[i:i + 1] for i in range(len(question))])  # fragments of one byte
    answers += await answered(first)
    await first.send(largest)
    answers += await answered(first)
    pong = await first.ping(b"ping")
    await pong
    await first.pong(b"unasked")
    await first.close(1000, "bye")

    second = await connect()
    await second.send("text")
    code, reason = await close_of(second)
    print(json.dumps({
        "subprotocol": first.subprotocol, "extensions": "".join(str(e) for e in first.extensions), "answers": answers, "pong": "ping",
        "closed": first.close_code, "refused": code, "reason": reason,
    }))


asyncio.run(main())
