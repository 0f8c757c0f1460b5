//go:build !flaws

package main

import "github.com/juicer-pay/juicer/internal/engine"

// plantedFlaws is empty: the builds that people run cannot have any.
func plantedFlaws() engine.Flaws { return engine.Flaws{} }
