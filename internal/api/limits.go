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
	batchMax          = 50
	batchBytesMax     = 5 << 20
	bulkBytesMax      = 5 << 20
	bulkReferenceMax  = 64
	bulkMetadataMax   = 20 << 10 // bytes
	bulkAtOnceMax     = 500      // items of one request
	bulkPageSize      = 10
	bulkExpiry        = 24 * time.Hour // of a bulk transfer that names no end
	bulkExpiryMax     = 72 * time.Hour
	batchPathMax      = 8192                   // characters, query included
	batchKeyMax       = 240                    // characters: the keys of items are longer
	batchStartBy      = 25 * time.Second       // items that have not begun by then are not begun
	batchEndBy        = 28 * time.Second       // an item waits for a rail no longer than this
	statementDefault  = 30 * 24 * time.Hour    // the period of a statement that names no beginning
	statementRangeMax = 366 * 24 * time.Hour   // the longest period
	statementLinesMax = 10_000                 // postings of a statement as JSON
	statementRowsMax  = 100_000                // and as CSV
	clockAdvanceMaxMS = 400 * 24 * 3600 * 1000 // 400 days
	auditWaitMax      = 25
	resetPatience     = 5 * time.Second
	earlyPatience     = 5 * time.Second // for a webhook that is to arrive before its reply
	rulesMax          = 50
)
