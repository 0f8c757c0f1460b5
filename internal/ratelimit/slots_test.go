package ratelimit

import (
	"sync"
	"testing"
)

func TestSlots(t *testing.T) {
	s := NewSlots(Test())
	var releases []func()
	for i := range 64 {
		release, ok := s.Enter("k", Working)
		if !ok {
			t.Fatalf("request %d is refused", i+1)
		}
		releases = append(releases, release)
	}
	t.Run("the sixty-fifth of a key finds no place", func(t *testing.T) {
		release, ok := s.Enter("k", Working)
		if ok {
			t.Error("entered")
		}
		release()
	})
	t.Run("another key does", func(t *testing.T) {
		if _, ok := s.Enter("other", Working); !ok {
			t.Error("refused")
		}
	})
	t.Run("long polls have 32 places of their own", func(t *testing.T) {
		for i := range 32 {
			if _, ok := s.Enter("k", Polling); !ok {
				t.Fatalf("long poll %d is refused", i+1)
			}
		}
		if _, ok := s.Enter("k", Polling); ok {
			t.Error("a thirty-third entered")
		}
	})
	t.Run("a place that is given back twice is one place", func(t *testing.T) {
		releases[0]()
		releases[0]()
		if _, ok := s.Enter("k", Working); !ok {
			t.Error("the free place was refused")
		}
		if _, ok := s.Enter("k", Working); ok {
			t.Error("a second one entered")
		}
	})
	t.Run("the refusal names the lane's bound", func(t *testing.T) {
		e := s.Crowded(Polling)
		if e.Details["limit"] != "concurrency" || e.Details["policy"] != `32;qu="concurrent-requests"` || *e.Retry().AfterMS != 1000 {
			t.Errorf("got %v, retry %v", e.Details, e.Retry())
		}
	})
	t.Run("off lets everyone in", func(t *testing.T) {
		s.Use(Off())
		for range 200 {
			if _, ok := s.Enter("k", Working); !ok {
				t.Fatal("refused")
			}
		}
	})
}

func TestSlotsLeaveNothingBehind(t *testing.T) {
	s := NewSlots(Test())
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 500 {
				release, _ := s.Enter("k", Lane((w+i)%2))
				release()
			}
		})
	}
	wg.Wait()
	if n := len(s.taken[Working]) + len(s.taken[Polling]); n != 0 {
		t.Errorf("%d keys still remembered", n)
	}
}
