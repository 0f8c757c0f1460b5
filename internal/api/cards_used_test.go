package api_test

import (
	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// The test cards, by what they do.
const (
	approved      = "4000000000011009"
	documentedOne = "4012000033330026"
	withOTP       = "4000000000011108"
	with3DS       = "4000000000011504"
	rejecting3DS  = "4000000000011512"
	noFunds       = "4000000000012015"
	declined      = "4000000000012023"
	twentySeconds = "4000000000020208"
	fortySeconds  = "4000000000020406"
	replyLost     = "4000000000013013"
	neverArrived  = "4000000000013021"
	lateSuccess   = "4000000000013039"
	toldTwice     = "4000000000013054"
	toldEarly     = "4000000000013062"
	silent        = "4000000000013070"
	contrary      = "4000000000013088"
	unreachable   = "4000000000013096"
	refundFails   = "4000000000014011"
	refundSlow    = "4000000000014029"
)

// slowCapture captures in the background with a card whose bank takes 20 s of the
// test clock, and returns when that is under way. The clock must be frozen.
func slowCapture(e *nodetest.Env, id string, headers ...string) <-chan reply {
	e.T.Helper()
	out := later(e, "POST", "/payment-sessions/"+id, map[string]any{"card": e.Card(twentySeconds)}, headers...)
	until(e.T, "the capture is under way", func() bool { return e.State(id) == "processing" })
	return out
}
