//go:build !race

package engine_test

const randomRuns = "12"
