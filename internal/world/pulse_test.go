package world_test

import (
	"sync"
	"testing"

	"github.com/juicer-pay/juicer/internal/world"
)

func TestPulse(t *testing.T) {
	t.Run("wakes everyone who waits", func(t *testing.T) {
		var p world.Pulse
		var group sync.WaitGroup
		for range 20 {
			c := p.C()
			group.Go(func() { <-c })
		}
		p.Beat()
		group.Wait()
	})
	t.Run("wakes nobody who comes after the beat", func(t *testing.T) {
		var p world.Pulse
		p.C()
		p.Beat()
		select {
		case <-p.C():
			t.Error("woken by a beat of the past")
		default:
		}
	})
	t.Run("misses no change for one who takes the channel before looking", func(t *testing.T) {
		var p world.Pulse
		var mu sync.Mutex
		state := 0
		const changes = 1000
		go func() {
			for range changes {
				mu.Lock()
				state++
				mu.Unlock()
				p.Beat()
			}
		}()
		for {
			c := p.C()
			mu.Lock()
			seen := state
			mu.Unlock()
			if seen == changes {
				return
			}
			<-c // a change after the look closes it; else this hangs, and the test with it
		}
	})
}

func TestActivity(t *testing.T) {
	var a world.Activity
	steps := []struct {
		name string
		do   func()
		want int
	}{{"enter", a.Enter, 1}, {"enter", a.Enter, 2}, {"park", a.Park, 1}, {"unpark", a.Unpark, 2}, {"leave", a.Leave, 1}, {"leave", a.Leave, 0}}
	for i, s := range steps {
		changed := a.Changed.C()
		s.do()
		if got := a.Running(); got != s.want {
			t.Errorf("step %d, %s: got %d running, want %d", i, s.name, got, s.want)
		}
		select {
		case <-changed:
		default:
			t.Errorf("step %d, %s: nobody was told", i, s.name)
		}
	}
}
