//go:build race

package api_test

// randomRuns are few where every access to memory is watched: such a run looks for
// races, the others look for histories that lose money.
const randomRuns = "2"
