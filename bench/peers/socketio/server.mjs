// Socket.IO as its documentation has it: a room for each room, WebSocket alone. node server.mjs PORT [recovery]
// Says "ready" on standard output once it listens.

import { createServer } from "node:http";
import { Server } from "socket.io";

const [port, recovery] = process.argv.slice(2);
const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  // Of 10,000 packets or more in memory, all that were sent within the default of two minutes.
  ...(recovery ? { connectionStateRecovery: {} } : {}),
});

io.on("connection", (socket) => {
  // After a recovery the socket is in its room again, and what it has missed has been sent.
  if (!socket.recovered) {
    const { room, echo } = socket.handshake.auth;
    socket.data = { room, echo };
    socket.join(room);
  }
  socket.on("m", (text, acknowledge) => {
    const { room, echo } = socket.data;
    (echo ? io.to(room) : socket.to(room)).emit("m", text);
    acknowledge?.();
  });
  socket.emit("r");
});

http.listen(Number(port), "127.0.0.1", () => console.log("ready"));
