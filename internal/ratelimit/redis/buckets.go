package redis

import (
	"context"
	_ "embed" // the script
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/juicer-pay/juicer/internal/ratelimit"
)

//go:embed spend.lua
var spendLua string

// The actions of the script.
const (
	spend  = "spend"
	refund = "refund"
)

// buckets are those of one environment on a Redis.
type buckets struct {
	client *goredis.Client
	script *goredis.Script
	prefix string
	clock  clock
}

// clock gives the time of a change in microseconds; 0 leaves it to Redis.
type clock func(now time.Time) int64

// redisClock: the processes that share a bucket share its clock too. With clocks of
// their own, the one that is ahead would refill the buckets of all the others, and the
// one behind would find them empty.
func redisClock(time.Time) int64 { return 0 }

// callersClock is for tests that choose the time.
func callersClock(now time.Time) int64 { return now.UnixMicro() }

// change runs the script on the buckets of a request, and gives the decision. d says
// whose they are and, for a refund, what was spent and when.
func (b *buckets) change(ctx context.Context, action string, d ratelimit.Decision, policies []ratelimit.Policy, now time.Time) (ratelimit.Decision, error) {
	keys := make([]string, len(policies))
	args := []any{action, b.clock(now), d.Cost, d.At.UnixMicro()}
	for i, p := range policies {
		keys[i] = b.key(d.KeyID, p.Endpoint)
		args = append(args, p.Rate().Period, p.Rate().Burst)
	}
	reply, err := b.script.Run(ctx, b.client, keys, args...).Int64Slice()
	if err != nil {
		return ratelimit.Decision{}, err
	}
	return decide(reply, policies)
}

// key names a bucket. The braces keep all buckets of an API key on one node of a
// cluster, where one script may change them together.
func (b *buckets) key(keyID, endpoint string) string {
	if endpoint == "" {
		return b.prefix + "{" + keyID + "}"
	}
	return b.prefix + "{" + keyID + "}:" + endpoint
}

// decide reads the script's reply.
func decide(reply []int64, policies []ratelimit.Policy) (ratelimit.Decision, error) {
	if len(reply) != 1+2*len(policies) {
		return ratelimit.Decision{}, fmt.Errorf("the script answered %d numbers for %d limits", len(reply), len(policies))
	}
	now := reply[0]
	d := ratelimit.Decision{At: time.UnixMicro(now).UTC(), Allowed: true}
	for i, p := range policies {
		v := ratelimit.Bucket{TAT: reply[1+2*i]}.Verdict(now, p.Rate(), reply[2+2*i])
		d.Allowed = d.Allowed && v.Allowed
		d.Standings = append(d.Standings, p.Standing(v))
	}
	return d, nil
}

// probe does what requests do, to a bucket of its own: a Redis that answers PING may
// still be a replica that takes no writes, or have no memory left.
func (b *buckets) probe(ctx context.Context) error {
	anything := []ratelimit.Policy{{Limit: ratelimit.Limit{Quota: 1, Window: time.Second, Burst: 1}}}
	_, err := b.change(ctx, spend, ratelimit.Decision{KeyID: "probe"}, anything, time.UnixMicro(1))
	return err
}
