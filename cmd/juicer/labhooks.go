package main

import (
	"os"
	"syscall"
)

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
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) // it goes on here when it is let go
		}
	}
}
