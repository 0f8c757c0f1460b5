package api

import "time"

// The limits of a request. Those of rates are in ratelimit, those of fields in
// wire and with the field.
const (
	bodyBytesMax      = 1 << 20
	headerBytesMax    = 32 << 10
	requestTime       = 30 * time.Second // every request ends within this
	readHeaderTime    = 10 * time.Second // slow clients are cut off
	idleTime          = 2 * time.Minute  // of a kept connection
	deadlineMinMS     = 500              // of Juicer-Deadline-Ms
	deadlineMaxMS     = 25_000           // earlier than requestTime: say "processing" rather than nothing
	waitMaxSeconds    = 25               // of ?wait=
	compressFrom      = 1 << 10          // bytes
	clientIDMax       = 128              // characters of the caller's X-Request-Id
	loggedBodyBytes   = 16 << 10         // of each redacted body in the request log
	pageSizeDefault   = 15
	chosenMax         = 100    // ids or references asked for at once
	expectedMax       = 10_000 // beliefs an audit takes
	expectedBytesMax  = 5 << 20
	clockAdvanceMaxMS = 400 * 24 * 3600 * 1000 // 400 days
	auditWaitMax      = 25
	resetPatience     = 5 * time.Second
	earlyPatience     = 5 * time.Second // for a webhook that is to arrive before its reply
	webhookFaultsMax  = 50
)
