package juicer

// The retry budget of a client: a bucket of tokens that retries are paid from, so
// that a server in trouble is not asked four times by everybody. Arithmetic only;
// time is given.

// refill adds a token for each whole second in which the client did nothing.
func refill(tokens int, idleMS int64, bucket int) int {
	return int(min(int64(tokens)+idleMS/1000, int64(bucket)))
}

// reward gives the last retry's price back, or a token for success at the first try.
func reward(tokens, paid, bucket int) int {
	return min(tokens+max(paid, 1), bucket)
}

// cost is the price of a retry. Waiting for the own key is free.
func cost(p Policy, class Reason) int {
	switch class {
	case ReasonTransient:
		return p.TransientCost
	case ReasonThrottle:
		return p.ThrottleCost
	}
	return 0
}
