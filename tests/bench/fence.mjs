// How long after setval at one node another one hands out the new generation, and how long a
// strict one takes: rows of Markdown. Arguments: the nodes' ports.
import http from "node:http";

const ROUNDS = 300;
const ports = process.argv.slice(2).map(Number);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function post(port, path, body) {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  return new Promise((resolve, reject) => {
    const request = http.request({ port, host: "127.0.0.1", path, method: "POST", headers, agent }, (reply) => {
      reply.resume();
      reply.on("end", () =>
        reply.statusCode < 300
          ? resolve(reply.headers["seq-generation"])
          : reject(new Error(`${path}: ${reply.statusCode}`)),
      );
    });
    request.on("error", reject);
    request.end(text);
  });
}

const next = (port) => post(port, "/v1/sequences/fenced/nextval");
const setval = (query, round) => post(ports[0], `/v1/sequences/fenced/setval${query}`, { value: 10 * round + 10 });

function row(what, times) {
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(times.length * share)].toFixed(2);
  console.log(`| ${what} | ${at(0.5)} | ${at(0.95)} | ${at(0.9999)} |`);
}

async function rounds(query, after) {
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const generations = await Promise.all(ports.map(next)); // each node holds a block
    const began = performance.now();
    await setval(query, round);
    await after(generations[0]);
    times.push(performance.now() - began);
  }
  return times;
}

await post(ports[0], "/v1/sequences", { name: "fenced", cache: 1000 });
row(
  "setval, and the first new number of another node",
  await rounds("", async (old) => {
    while ((await next(ports[1])) === old);
  }),
);
row(`setval?fence=strict, with ${ports.length} nodes`, await rounds("?fence=strict", () => {}));
agent.destroy();
