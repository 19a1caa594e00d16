//! The scripts for what Redis decides in one go: each runs alone, so that a compare and the change after it are atomic.
//!
//! The store calls them. A lease has a token that grows with each holder, as for fencing, but it guards no fact: the
//! journal's compare-and-append does. Times are whole milliseconds for keys and microseconds of the server's own clock
//! for buckets: callers on machines with different clocks share one bucket. Numbers stay below 2^53, which Lua counts
//! exactly.

/// Takes or renews a lease. Keys: lease, last token. Arguments: holder, milliseconds, milliseconds the token is
/// remembered. Answers the token, or nothing when somebody else has it.
///
/// A lease is `token:holder`. The last token outlives every lease; where it was lost alone, the lease restores it.
pub(crate) const LEASE: &str = r"
local held = redis.call('GET', KEYS[1])
if held then
  local colon = string.find(held, ':', 1, true)
  if string.sub(held, colon + 1) ~= ARGV[1] then return false end
  local token = tonumber(string.sub(held, 1, colon - 1))
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  local last = tonumber(redis.call('GET', KEYS[2]) or '0')
  redis.call('SET', KEYS[2], string.format('%.0f', math.max(token, last)), 'PX', ARGV[3])
  return token
end
local token = redis.call('INCR', KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], string.format('%.0f', token) .. ':' .. ARGV[1], 'NX', 'PX', ARGV[2])
return token
";

/// Gives a lease back. Key: lease. Argument: holder.
pub(crate) const RELEASE: &str = r"
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, string.find(held, ':', 1, true) + 1) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
";

/// Takes from a bucket. Key: bucket. Arguments: microseconds the cost stands for, microseconds to fill from empty.
/// Answers 0 when it was taken, otherwise after how many microseconds it would be.
///
/// A bucket is the instant at which it will be full again; one that is gone is full. Should the clock of the
/// server have been set back, a bucket is empty at the worst.
pub(crate) const TAKE: &str = r"
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local per = tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or '0')
full = math.min(math.max(full, now), now + per)
local after = full + tonumber(ARGV[1])
if after > now + per then return after - now - per end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.max(math.ceil((after - now) / 1000), 1))
return 0
";
