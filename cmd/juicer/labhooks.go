package main

import (
	"context"
	"os"
	"syscall"
	"time"

	"github.com/juicer-pay/juicer/internal/world"
)

const stopTime = 100 * time.Millisecond

// crashPoint is the lab's way to prove that every point is survived: the process ends
// at the point that JUICER_CRASH_AT names, and stops at the one that JUICER_STOP_AT
// names, once for each time that the file JUICER_STOP_IF is there.
func crashPoint() func(string) {
	crash, stop, file := os.Getenv("JUICER_CRASH_AT"), os.Getenv("JUICER_STOP_AT"), os.Getenv("JUICER_STOP_IF")
	if crash == "" && stop == "" {
		return nil
	}
	return func(point string) {
		switch {
		case point == crash:
			os.Exit(137)
		case point == stop && os.Remove(file) == nil:
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
			_ = world.Sleep(context.Background(), stopTime) // the signal may need a moment to reach this thread
		}
	}
}
