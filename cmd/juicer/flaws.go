//go:build flaws

package main

import (
	"os"

	"github.com/juicer-pay/juicer/internal/engine"
)

// plantedFlaws reads JUICER_FLAW: faults on purpose, by which the crash test
// proves that the audit sees what they do.
func plantedFlaws() engine.Flaws {
	switch os.Getenv("JUICER_FLAW") {
	case "skip-intent":
		return engine.Flaws{SkipIntent: true}
	case "send-unasked":
		return engine.Flaws{SendUnasked: true}
	case "send-fenced":
		return engine.Flaws{SendFenced: true}
	}
	return engine.Flaws{}
}
