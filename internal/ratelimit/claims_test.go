package ratelimit_test

import (
	"testing"

	"github.com/juicer-pay/juicer/internal/ratelimit"
	"github.com/juicer-pay/juicer/internal/ratelimit/limitertest"
)

func TestTheLimiterOfOneProcessKeepsEveryClaim(t *testing.T) {
	limitertest.Run(t, func(table ratelimit.Table) ratelimit.Limiter { return ratelimit.NewLocal(table) })
}
