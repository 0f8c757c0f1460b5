//go:build !race

package api_test

const randomRuns = "6"
