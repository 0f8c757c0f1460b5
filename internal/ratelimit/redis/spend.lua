-- Spends from every bucket of a request or from none, or gives back what was spent,
-- while nobody else touches them. The formula is that of ../gcra.go; a test compares.
--
-- KEYS: the buckets. ARGV: "spend" or "refund"; now in microseconds, or 0 for this
-- server's clock; cost; when the refunded cost was spent; then the period and the
-- burst of each bucket.
-- Reply: now, then for each bucket when it is full again and how long to wait.
--
-- All numbers are whole and below 2^53, so that Lua's doubles hold them exactly. They
-- are kept with all digits: tostring would round to fourteen.

local action, now, cost, spent = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local spare_ms = 60000 -- a bucket outlives its last unit: a clock that goes back a little finds it

if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end

local function read(i)
  local period, burst = tonumber(ARGV[2 * i + 3]), tonumber(ARGV[2 * i + 4])
  local kept = redis.call('HMGET', KEYS[i], 'tat', 'since')
  local b = { need = math.min(cost, burst) * period, full = period * burst, tat = tonumber(kept[1] or 0), since = tonumber(kept[2] or 0) }
  if b.tat <= now then
    b.tat, b.since = now, now
  else
    b.tat = math.min(b.tat, now + b.full)
  end
  b.wait = math.max(b.tat + b.need - b.full - now, 0)
  return b
end

local function keep(i, b)
  redis.call('HSET', KEYS[i], 'tat', string.format('%.0f', b.tat), 'since', string.format('%.0f', b.since))
  redis.call('PEXPIRE', KEYS[i], string.format('%.0f', math.ceil((b.tat - now) / 1000) + spare_ms))
end

local buckets, allowed = {}, true
for i = 1, #KEYS do
  buckets[i] = read(i)
  allowed = allowed and buckets[i].wait == 0
end

local reply = { now }
for i, b in ipairs(buckets) do
  if action == 'refund' then
    b.wait = 0
    if b.since <= spent then
      b.tat = math.max(b.tat - b.need, now)
    end
  elseif allowed then
    b.tat = b.tat + b.need
  end
  keep(i, b)
  reply[#reply + 1] = b.tat
  reply[#reply + 1] = b.wait
end
return reply
