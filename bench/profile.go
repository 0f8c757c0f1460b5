package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
)

const profileRounds = 5 // how many rounds it takes

// profile runs captures against a server inside this process and writes where
// its time and its allocations go. Its own figures count for nothing: profiling
// costs, and the callers are in the profile too (main.drive).
func (b *bench) profile(ctx context.Context) (err error) {
	if b.Profile == "" {
		return nil
	}
	b.tell.now("profiling")
	if err := os.MkdirAll(b.Profile, 0o755); err != nil {
		return err
	}
	inside, err := b.inside(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, inside.end()) }()
	callers := slices.Max(b.Callers)
	n := b.size(captures, wayHTTP, callers, profileRounds*b.RoundTime)
	if _, err = inside.visitor.create(drive, callers, n); err != nil {
		return err
	}
	cpu, err := os.Create(filepath.Join(b.Profile, "cpu.pprof"))
	if err != nil {
		return err
	}
	defer cpu.Close()
	if err = pprof.StartCPUProfile(cpu); err != nil {
		return err
	}
	_, err = inside.visitor.capture(drive, callers, n)
	pprof.StopCPUProfile()
	if err != nil {
		return err
	}
	allocs, err := os.Create(filepath.Join(b.Profile, "allocs.pprof"))
	if err != nil {
		return err
	}
	defer allocs.Close()
	return pprof.Lookup("allocs").WriteTo(allocs, 0)
}

// insider is a server in this process.
type insider struct {
	visitor *visitor
	end     func() error
}

func (b *bench) inside(ctx context.Context) (*insider, error) {
	dir := b.path("inside")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	n, err := openNode(ctx, dir, "")
	if err != nil {
		return nil, err
	}
	key, err := prepare(ctx, n, b.Personality)
	if err == nil {
		err = n.Start(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	web := n.API.HTTP()
	go func() { _ = web.Serve(listener) }() // ends with web
	in := &insider{end: func() error { return errors.Join(web.Close(), n.Close()) }}
	if in.visitor, err = visit([]*server{{host: listener.Addr().String()}}, key, b.Seed); err != nil {
		return nil, errors.Join(err, in.end())
	}
	return in, nil
}
