package nodetest

import (
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/node"
)

// Flawed plants faults in the engine, for tests that prove the audit.
func Flawed(f engine.Flaws) Option { return func(c *node.Config) { c.Flaws = f } }

// Twice plants a bank that carries out the references that which names twice.
func Twice(which func(ref string) bool) Option {
	return func(c *node.Config) { c.Twice = which }
}

// Crashing calls at every named crash point of the engine. A panic there ends the
// piece of work that came to it, as the death of the process would.
func Crashing(at func(point string)) Option { return func(c *node.Config) { c.Crash = at } }
