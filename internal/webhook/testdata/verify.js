// Three ways in which integrators verify a checksum in Node.js. Reads lines of
// {"business_id", "body"} and writes a line of verdicts for each.
const crypto = require("node:crypto");
const readline = require("node:readline");

const sum = (key, event, data) =>
  crypto.createHmac("sha256", key.trim()).update(event + "|" + data).digest("hex").toUpperCase();

const sorted = (v) =>
  Array.isArray(v) ? v.map(sorted)
    : v && typeof v === "object"
      ? Object.fromEntries(Object.keys(v).sort().map((k) => [k, sorted(v[k])]))
      : v;

const topSorted = (v) => Object.fromEntries(Object.keys(v).sort().map((k) => [k, v[k]]));

function verdicts(key, body) {
  const { checksum, data, event } = JSON.parse(body);
  const raw = Buffer.from(body).subarray(86, Buffer.byteLength(body) - Buffer.byteLength(`,"event":"${event}"}`)).toString();
  return {
    raw: sum(key, event, raw) === checksum,
    recursive: sum(key, event, JSON.stringify(sorted(data))) === checksum,
    top: sum(key, event, JSON.stringify(topSorted(data))) === checksum,
  };
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { business_id, body } = JSON.parse(line);
  console.log(JSON.stringify(verdicts(business_id, body)));
});
