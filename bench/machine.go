package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// machine is where figures come from; without it they mean nothing.
type machine struct {
	System     string  `json:"system"`
	Kernel     string  `json:"kernel"`
	Processor  string  `json:"processor"`
	Cores      int     `json:"cores"`
	MemoryMiB  int     `json:"memory_mib"`
	Go         string  `json:"go"`
	FileSystem string  `json:"file_system"`
	FlushMS    float64 `json:"flush_ms"` // median of writing a page to a file and flushing it
	Load       string  `json:"load"`     // when the run began
}

// describe looks at the machine and at the disk under dir. What it cannot find
// out is "unknown".
func describe(ctx context.Context, dir string) (machine, error) {
	m := machine{System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(), Go: runtime.Version(),
		Kernel: said(ctx, "", "uname", "-sr"), Processor: after("/proc/cpuinfo", "model name"), FileSystem: fileSystem(dir)}
	fmt.Sscanf(after("/proc/meminfo", "MemTotal"), "%d", &m.MemoryMiB) // stays 0 where there is no such file
	m.MemoryMiB /= 1024
	load, _ := os.ReadFile("/proc/loadavg")
	m.Load = strings.Join(strings.Fields(string(load) + " unknown")[:1], "")
	flush, err := flushTime(dir)
	m.FlushMS = float64(flush) / float64(time.Millisecond)
	return m, err
}

// said is what a command prints, "unknown" if it cannot be run.
func said(ctx context.Context, dir, name string, args ...string) string {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	out, err := c.Output()
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(out))
}

const unknown = "unknown"

// after is the value of the first line "name : value" of a file.
func after(path, name string) string {
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		if before, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(before) == name {
			return strings.TrimSpace(value)
		}
	}
	return unknown
}

// fileSystem is the type of the innermost mount that holds dir.
func fileSystem(dir string) string {
	full, err := filepath.Abs(dir)
	if err != nil {
		return unknown
	}
	mounts, _ := os.ReadFile("/proc/self/mounts")
	best, kind := -1, unknown
	for line := range strings.Lines(string(mounts)) {
		f := strings.Fields(line)
		if len(f) < 3 || len(f[1]) < best {
			continue
		}
		if full == f[1] || strings.HasPrefix(full, strings.TrimSuffix(f[1], "/")+"/") {
			best, kind = len(f[1]), f[2]
		}
	}
	return kind
}

// flushTime is the median time of making 4 KiB durable: the floor under every
// durable commit.
func flushTime(dir string) (time.Duration, error) {
	const tries, page = 31, 4096
	file, err := os.CreateTemp(dir, "flush-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	took := make([]time.Duration, tries)
	for i := range took {
		at := time.Now()
		if _, err = file.Write(make([]byte, page)); err == nil {
			err = file.Sync()
		}
		if err != nil {
			return 0, fmt.Errorf("flush a file: %w", err)
		}
		took[i] = time.Since(at)
	}
	slices.Sort(took)
	return took[tries/2], nil
}

// commit is the tree that is measured.
func commit(ctx context.Context) string {
	head := said(ctx, "", "git", "rev-parse", "--short=12", "HEAD")
	if head != unknown && said(ctx, "", "git", "status", "--porcelain", "--untracked-files=no") != "" {
		head += " with changes"
	}
	return head
}

// ownCPU is the processor time that this process has used.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
