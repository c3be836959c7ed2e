-- One decision for one limit, by the server's own clock. All times are in milliseconds.
--
-- KEYS: calls     sorted set: permit -> when it was counted, or will have been at the latest
--       programs  sorted set: program -> when it last asked
--       turns     hash: program -> ticket, calls that wait, until when the turn holds
--       state     hash: paused, probed, settled (points in time), asked (the last question), tickets (a number)
-- ARGV: program, limit (-1: not counted), window, in doubt for, wanted, first number,
--       pause (-1: none), resumed, probes, back, count of counted, number and time ago of each, numbers of unused
-- Returns permits, again, pause (-1), probed ago (-1), programs, settles.

local calls, programs, turns, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local me = ARGV[1]
local limit, window, doubt, wanted, first =
    tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local pause, resumed, probes, back =
    tonumber(ARGV[7]), ARGV[8] == '1', ARGV[9] == '1', ARGV[10] == '1'

local FORGOTTEN = 60000  -- a program that has not asked for so long shares no more
local GRACE = 250        -- so late it may be for its turn
local ANSWERED = 400     -- after so long a living program has told of its call
local SILENT = 500       -- so long nobody asks only if nobody could
local BACK_WITHIN = 2500 -- by then all programs have found out that the server answers again
local TOLD = 300         -- so soon a program tells of its calls
local PROBES = 60000     -- between two calls through a pause

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- Lua would write large numbers with an exponent.
local function text(number)
    return string.format('%.0f', number)
end
local function permit(number)
    return me .. ':' .. number
end
local function get(field)
    return tonumber(redis.call('HGET', state, field) or nil)
end
local function set(field, at)
    redis.call('HSET', state, field, text(at))
end

-- What there is to note.
redis.call('ZADD', programs, text(now), me)
redis.call('ZREMRANGEBYSCORE', programs, '-inf', text(now - FORGOTTEN))
if limit >= 0 then
    local last = 11 + 2 * tonumber(ARGV[11])
    for at = 12, last, 2 do
        redis.call('ZADD', calls, text(now + 1 - tonumber(ARGV[at + 1])), permit(ARGV[at]))
    end
    for at = last + 1, #ARGV do
        redis.call('ZREM', calls, permit(ARGV[at]))
    end
    redis.call('ZREMRANGEBYSCORE', calls, '-inf', text(now - window))
    -- Later than any can be: the clock was set back.
    redis.call('ZREMRANGEBYSCORE', calls, text(now + doubt + 1), '+inf')
end
local paused = get('paused')
if resumed then
    paused = nil
end
if pause >= 0 then
    paused = math.max(paused or 0, now + pause)
end
if paused and paused > now then
    set('paused', paused)
else
    paused = nil
    redis.call('HDEL', state, 'paused')
end
-- Nobody could ask for a while: what the others did meanwhile is not known before they are back.
local asked = get('asked')
local settled = math.min(get('settled') or 0, now + window + BACK_WITHIN)
if back and (not asked or now - asked > SILENT) then
    settled = now + window + BACK_WITHIN
    set('settled', settled)
end
set('asked', now)
local settles = math.max(settled - now, 0)

-- Who waits, each with the place of its turn.
local mine = nil
local others = {}
local waiting = redis.call('HGETALL', turns)
for at = 1, #waiting, 2 do
    local ticket, calls_waiting, till = string.match(waiting[at + 1], '(%d+) (%d+) (%d+)')
    if tonumber(till) <= now or tonumber(till) > now + 1000 + GRACE then
        redis.call('HDEL', turns, waiting[at])
    elseif waiting[at] == me then
        mine = tonumber(ticket)
    else
        others[#others + 1] = { tonumber(ticket), tonumber(calls_waiting) }
    end
end

local permits, again, left = 0, 1000, 0
if now < settled + TOLD then
    again = settled + TOLD - now
elseif paused then
    again = math.min(again, paused - now)
    local probed = get('probed')
    if probes and wanted > 0 and (not probed or now - probed >= PROBES) then
        set('probed', now)
        permits = 1
    end
elseif limit < 0 then
    permits = wanted
elseif wanted > 0 then
    -- With others waiting, each gets a part and then goes to the end.
    local turn = wanted
    if #others > 0 then
        -- Rounded up, so that all of it is used; who comes too late for a whole part is the first next time.
        turn = math.min(wanted, math.ceil(limit / (#others + 1)))
    end
    local function before(ticket)
        local count = 0
        for _, other in ipairs(others) do
            if other[1] < ticket then
                count = count + math.min(other[2], turn)
            end
        end
        return count
    end
    local ticket = mine or redis.call('HINCRBY', state, 'tickets', 1)
    local held = redis.call('ZCARD', calls)
    permits = math.max(0, math.min(turn, limit - held - before(ticket)))
    for number = first, first + permits - 1 do
        redis.call('ZADD', calls, text(now + doubt), permit(text(number)))
    end
    held = held + permits
    left = wanted - permits
    if left > 0 then
        if permits > 0 then
            ticket = redis.call('HINCRBY', state, 'tickets', 1)
        end
        -- One in doubt may have been counted as soon as it was given.
        local function leaves(at)
            if at > now and now < at - doubt + ANSWERED then
                at = at - doubt
            end
            return at + window
        end
        again = 1
        local needs = held + before(ticket) - limit + 1
        if needs > held then
            again = window
        elseif needs > 0 then
            local part = math.min(turn, left)
            local next = redis.call('ZRANGE', calls, needs - 1, needs + part - 2, 'WITHSCORES')
            local one, all = leaves(tonumber(next[2])), leaves(tonumber(next[#next]))
            -- A little later it is more at once.
            again = math.min(math.max(one, all), one + math.floor(window / 200)) - now
            if again <= 0 then
                again = 20
            end
        end
        local till = now + math.min(again, 1000) + GRACE
        redis.call('HSET', turns, me, text(ticket) .. ' ' .. text(left) .. ' ' .. text(till))
    end
end
if left == 0 then
    redis.call('HDEL', turns, me)
end

-- All of it ends by itself.
local kept = window + doubt + FORGOTTEN
for _, key in ipairs(KEYS) do
    redis.call('PEXPIRE', key, text(kept))
end
if paused then
    redis.call('PEXPIRE', state, text(math.max(kept, paused - now + FORGOTTEN)))
end
local probed = get('probed')
return {
    permits,
    again,
    paused and paused - now or -1,
    probed and now - probed or -1,
    redis.call('ZCARD', programs),
    settles,
}
